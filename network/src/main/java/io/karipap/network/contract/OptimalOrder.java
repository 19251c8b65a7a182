package io.karipap.network.contract;

import java.util.BitSet;
import java.util.List;

/** The cheapest contraction tree, from those of all subsets of the operands, in 3^N steps. */
final class OptimalOrder {

  private final List<Integer> sizes;
  private final BitSet[] legs;
  private final double[] cost;
  private final int[] split;

  OptimalOrder(List<List<Integer>> operands, List<Integer> result, List<Integer> sizes) {
    this.sizes = sizes;
    int subsets = 1 << operands.size();
    legs = new BitSet[subsets];
    cost = new double[subsets];
    split = new int[subsets];
    for (int subset = 0; subset < subsets; subset++) {
      legs[subset] = openLegs(subset, operands, result);
    }
    for (int subset = 1; subset < subsets; subset++) {
      if (Integer.bitCount(subset) > 1) {
        cheapestSplit(subset);
      }
    }
  }

  /** Legs of the contraction of a subset: those that the result or another operand has. */
  private static BitSet openLegs(int subset, List<List<Integer>> operands, List<Integer> result) {
    BitSet inside = new BitSet();
    BitSet outside = new BitSet();
    result.forEach(outside::set);
    for (int operand = 0; operand < operands.size(); operand++) {
      BitSet side = (subset >> operand & 1) == 1 ? inside : outside;
      operands.get(operand).forEach(side::set);
    }
    // an operand alone has not been contracted: it still has the legs that only it has
    if (Integer.bitCount(subset) > 1) {
      inside.and(outside);
    }
    return inside;
  }

  private void cheapestSplit(int subset) {
    cost[subset] = Double.POSITIVE_INFINITY;
    // every split once: the left part is the one with the lowest operand
    int lowest = Integer.lowestOneBit(subset);
    for (int left = (subset - 1) & subset; left > 0; left = (left - 1) & subset) {
      int right = subset ^ left;
      double parts = cost[left] + cost[right];
      if ((left & lowest) != 0 && parts < cost[subset]) {
        double total = parts + multiplications(left, right);
        if (total < cost[subset]) {
          cost[subset] = total;
          split[subset] = left;
        }
      }
    }
  }

  private double multiplications(int left, int right) {
    BitSet involved = (BitSet) legs[left].clone();
    involved.or(legs[right]);
    return involved.stream().mapToDouble(sizes::get).reduce(1, (a, b) -> a * b);
  }

  ContractionTree tree() {
    return tree(cost.length - 1);
  }

  private ContractionTree tree(int subset) {
    return Integer.bitCount(subset) == 1
        ? new ContractionTree.Leaf(Integer.numberOfTrailingZeros(subset))
        : new ContractionTree.Pair(tree(split[subset]), tree(subset ^ split[subset]));
  }
}
