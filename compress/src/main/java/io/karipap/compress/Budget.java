package io.karipap.compress;

/**
 * The most that a compressed model may cost.
 *
 * @param unit of the cost
 * @param amount a share of the float32 original's, or a number of units
 * @param relative whether it is a share
 */
public record Budget(CostUnit unit, double amount, boolean relative) {

  /**
   * Checks the amount.
   *
   * @throws IllegalArgumentException if it is not positive, or a share above 1
   */
  public Budget {
    if (!(amount > 0) || (relative && amount > 1) || amount > Long.MAX_VALUE / 8.0) {
      throw new IllegalArgumentException(
          relative
              ? "a share of %s is above 0 and at most 1, not %s".formatted(unit.label(), amount)
              : "a budget of %s is positive, not %s".formatted(unit.label(), amount));
    }
  }

  /** A share of the original's. */
  public static Budget share(CostUnit unit, double share) {
    return new Budget(unit, share, true);
  }

  /** A number of units. */
  public static Budget units(CostUnit unit, double count) {
    return new Budget(unit, count, false);
  }
}
