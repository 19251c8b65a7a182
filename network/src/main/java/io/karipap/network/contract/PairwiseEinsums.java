package io.karipap.network.contract;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes a contraction tree out as the pairwise Einstein summations that carry it out. */
final class PairwiseEinsums {

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private final List<List<Integer>> operands;
  private final List<Integer> result;
  private final List<Integer> sizes;
  private final List<ContractionOrder.Step> steps = new ArrayList<>();
  private double multiplications;

  private PairwiseEinsums(List<List<Integer>> operands, List<Integer> result, List<Integer> sizes) {
    this.operands = operands;
    this.result = result;
    this.sizes = sizes;
  }

  /** An intermediate result. */
  private record Part(int number, List<Integer> legs) {}

  static ContractionOrder of(
      ContractionTree tree,
      List<List<Integer>> operands,
      List<Integer> result,
      List<Integer> sizes) {
    PairwiseEinsums steps = new PairwiseEinsums(operands, result, sizes);
    steps.part(tree, Set.copyOf(result));
    return new ContractionOrder(steps.steps, steps.multiplications);
  }

  /**
   * Appends the steps of a subtree.
   *
   * @param outside legs that something else still needs
   */
  private Part part(ContractionTree tree, Set<Integer> outside) {
    return switch (tree) {
      case ContractionTree.Leaf(int operand) -> new Part(operand, operands.get(operand));
      case ContractionTree.Pair(ContractionTree first, ContractionTree second) -> {
        Part left = part(first, union(outside, legs(second)));
        Part right = part(second, union(outside, legs(first)));
        yield contract(left, right, outside);
      }
    };
  }

  private Part contract(Part left, Part right, Set<Integer> outside) {
    Set<Integer> involved = new LinkedHashSet<>(left.legs());
    involved.addAll(right.legs());
    boolean last = steps.size() == operands.size() - 2;
    List<Integer> kept = last ? result : involved.stream().filter(outside::contains).toList();
    List<Integer> alphabet = List.copyOf(involved);
    String equation =
        letters(left.legs(), alphabet)
            + ","
            + letters(right.legs(), alphabet)
            + "->"
            + letters(kept, alphabet);
    multiplications += involved.stream().mapToDouble(sizes::get).reduce(1, (a, b) -> a * b);
    steps.add(new ContractionOrder.Step(left.number(), right.number(), equation));
    return new Part(operands.size() + steps.size() - 1, kept);
  }

  private static String letters(List<Integer> legs, List<Integer> alphabet) {
    return legs.stream()
        .map(leg -> String.valueOf(LETTERS.charAt(alphabet.indexOf(leg))))
        .collect(Collectors.joining());
  }

  private Set<Integer> legs(ContractionTree tree) {
    return switch (tree) {
      case ContractionTree.Leaf(int operand) -> Set.copyOf(operands.get(operand));
      case ContractionTree.Pair(ContractionTree first, ContractionTree second) ->
          union(legs(first), legs(second));
    };
  }

  private static Set<Integer> union(Set<Integer> a, Set<Integer> b) {
    Set<Integer> both = new HashSet<>(a);
    both.addAll(b);
    return both;
  }
}
