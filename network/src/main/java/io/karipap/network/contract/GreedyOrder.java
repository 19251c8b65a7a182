package io.karipap.network.contract;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A contraction tree that joins, again and again, the two tensors whose contraction shrinks the
 * network the most.
 */
final class GreedyOrder {

  private GreedyOrder() {}

  private record Part(ContractionTree tree, Set<Integer> legs) {}

  static ContractionTree tree(
      List<List<Integer>> operands, List<Integer> result, List<Integer> sizes) {
    List<Part> parts = new ArrayList<>();
    for (int operand = 0; operand < operands.size(); operand++) {
      parts.add(new Part(new ContractionTree.Leaf(operand), Set.copyOf(operands.get(operand))));
    }
    while (parts.size() > 1) {
      joinBest(parts, result, sizes);
    }
    return parts.getFirst().tree();
  }

  private static void joinBest(List<Part> parts, List<Integer> result, List<Integer> sizes) {
    double least = Double.POSITIVE_INFINITY;
    int first = 0;
    int second = 1;
    Part best = parts.getFirst();
    for (int a = 0; a < parts.size(); a++) {
      for (int b = a + 1; b < parts.size(); b++) {
        Part joined = join(a, b, parts, result);
        double growth = size(joined, sizes) - size(parts.get(a), sizes) - size(parts.get(b), sizes);
        if (growth < least) {
          least = growth;
          first = a;
          second = b;
          best = joined;
        }
      }
    }
    parts.remove(second);
    parts.set(first, best);
  }

  private static Part join(int a, int b, List<Part> parts, List<Integer> result) {
    Set<Integer> outside = new HashSet<>(result);
    for (int k = 0; k < parts.size(); k++) {
      if (k != a && k != b) {
        outside.addAll(parts.get(k).legs());
      }
    }
    Set<Integer> legs = new HashSet<>(parts.get(a).legs());
    legs.addAll(parts.get(b).legs());
    legs.retainAll(outside);
    return new Part(new ContractionTree.Pair(parts.get(a).tree(), parts.get(b).tree()), legs);
  }

  private static double size(Part part, List<Integer> sizes) {
    return part.legs().stream().mapToDouble(sizes::get).reduce(1, (a, b) -> a * b);
  }
}
