package io.karipap.compress.cost;

import io.karipap.compress.Budget;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import java.util.List;

/**
 * The part of a budget that the matrices of a model may cost.
 *
 * @param budget of the whole model
 * @param cost of a matrix in its unit
 * @param names of the matrices
 * @param original their dense weights
 */
public record MatrixBudget(
    Budget budget, CostModel cost, List<MatrixSpec> names, Weights original) {

  /** Bytes of a number in eight bits, with its part of a scale. */
  private static final double BYTE_AND_SCALE = 1.03;

  /** Copies the list. */
  public MatrixBudget {
    names = List.copyOf(names);
  }

  /** The budget of a model. Where time is the unit, this measures it. */
  public static MatrixBudget of(Budget budget, Architecture architecture, Weights original) {
    return new MatrixBudget(
        budget,
        CostModel.of(budget.unit(), architecture, original),
        architecture.matrices(),
        original);
  }

  /**
   * The budget minus the cost of the rest of the model.
   *
   * @throws IllegalArgumentException if nothing is left
   */
  public long units() {
    long left = left();
    if (left <= 0) {
      throw new IllegalArgumentException(
          "the budget is too small: what is not a matrix takes all of it already; keep more "
              + budget.unit().label());
    }
    return left;
  }

  private long left() {
    return (long) Math.floor(budget.relative() ? budget.amount() * whole() : budget.amount())
        - cost.fixed();
  }

  private double whole() {
    return cost.fixed()
        + names.stream().mapToDouble(name -> cost.of(name, original.matrix(name.name()))).sum();
  }

  /** The share of the original's parameters that the budget allows at one byte for each number. */
  public double share() {
    double elements = names.stream().mapToDouble(MatrixSpec::elements).sum();
    double left = Math.max(1, left());
    double share =
        switch (budget.unit()) {
          case PARAMETERS, OPERATIONS -> left / elements;
          case BYTES, READS -> left / (elements * BYTE_AND_SCALE);
          case TIME -> left / (whole() - cost.fixed());
        };
    return Math.min(1, share);
  }
}
