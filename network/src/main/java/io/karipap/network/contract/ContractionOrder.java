package io.karipap.network.contract;

import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A sequence of pairwise contractions that turns a network into one tensor.
 *
 * <p>Legs are numbers; a leg that two tensors share is summed unless the result has it too.
 *
 * @param steps the contractions, in order
 * @param multiplications their cost: the product of the sizes of all legs involved, summed over the
 *     steps
 */
public record ContractionOrder(List<Step> steps, double multiplications) {

  /** The order is optimal for up to this many tensors. */
  public static final int EXACT_LIMIT = 12;

  /**
   * One contraction. Tensors are numbered: the operands of the network first, then the result of
   * every step.
   *
   * @param left number of the first tensor
   * @param right number of the second tensor
   * @param equation Einstein summation of the two
   */
  public record Step(int left, int right, String equation) {}

  /** Keeps its own copy of the steps. */
  public ContractionOrder {
    steps = List.copyOf(steps);
  }

  /**
   * The cheapest order for up to {@link #EXACT_LIMIT} tensors, by dynamic programming over subsets
   * (Pfeifer, Haegeman and Verstraete, Phys. Rev. E 90, 033315, without its pruning); a greedy one
   * for more.
   *
   * @param operands legs of every tensor
   * @param result legs of the result, in order
   * @param sizes dimension of every leg, by its number
   * @throws IllegalArgumentException if there is no operand, or one operand whose legs are not
   *     those of the result
   */
  public static ContractionOrder of(
      List<List<Integer>> operands, List<Integer> result, List<Integer> sizes) {
    if (operands.isEmpty() || (operands.size() == 1 && !operands.getFirst().equals(result))) {
      throw new IllegalArgumentException(
          "no contraction turns the operands " + operands + " into " + result);
    }
    ContractionTree tree =
        operands.size() <= EXACT_LIMIT
            ? new OptimalOrder(operands, result, sizes).tree()
            : GreedyOrder.tree(operands, result, sizes);
    return PairwiseEinsums.of(tree, operands, result, sizes);
  }

  /** The result of the contractions; differentiable. */
  public Tensor contract(List<Tensor> operands) {
    List<Tensor> tensors = new ArrayList<>(operands);
    for (Step step : steps) {
      tensors.add(
          Tensor.einsum(step.equation(), tensors.get(step.left()), tensors.get(step.right())));
    }
    return tensors.getLast();
  }
}
