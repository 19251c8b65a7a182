package io.karipap.compress;

import io.karipap.compress.cost.CostModel;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import java.util.List;

/**
 * How much a compressed model may cost.
 *
 * @param currency what is counted
 * @param amount a share of the float32 original's, or a number of units
 * @param relative whether it is a share
 */
public record Budget(CostUnit currency, double amount, boolean relative) {

  /**
   * Checks the amount.
   *
   * @throws IllegalArgumentException if it is not positive, or a share above 1
   */
  public Budget {
    if (!(amount > 0) || (relative && amount > 1) || amount > Long.MAX_VALUE / 8.0) {
      throw new IllegalArgumentException(
          relative
              ? "a share of %s is above 0 and at most 1, not %s".formatted(currency.label(), amount)
              : "a budget of %s is positive, not %s".formatted(currency.label(), amount));
    }
  }

  /** A share of the original's. */
  public static Budget share(CostUnit currency, double share) {
    return new Budget(currency, share, true);
  }

  /** So many units. */
  public static Budget units(CostUnit currency, double units) {
    return new Budget(currency, units, false);
  }

  /** What is left for the matrices, once the rest of the model has been paid for. */
  public long forMatrices(List<MatrixSpec> names, CostModel price, Weights original) {
    return (long) Math.floor(relative ? amount * whole(names, price, original) : amount)
        - price.fixed();
  }

  private static double whole(List<MatrixSpec> names, CostModel price, Weights original) {
    return price.fixed()
        + names.stream().mapToDouble(name -> price.of(name, original.matrix(name.name()))).sum();
  }

  /** The share of the original's parameters that this is worth when numbers are coded in a byte. */
  public double parameters(List<MatrixSpec> names, CostModel price, Weights original) {
    double elements = names.stream().mapToDouble(MatrixSpec::elements).sum();
    double left = Math.max(1, forMatrices(names, price, original));
    double share =
        switch (currency) {
          case PARAMETERS, OPERATIONS -> left / elements;
          case BYTES, READS -> left / (elements * BYTE_AND_SCALE);
          case TIME -> left / (whole(names, price, original) - price.fixed());
        };
    return Math.min(1, share);
  }

  /** Bytes of a number in eight bits, with its part of a scale. */
  private static final double BYTE_AND_SCALE = 1.03;
}
