package io.karipap.network.rg;

/**
 * How much of a spectrum is kept: no more than a bond dimension, and no more than is needed to
 * discard less than a weight.
 *
 * @param bond largest bond dimension chi
 * @param weight largest sum of squares of the discarded singular values, as a share of the sum of
 *     all squares
 */
public record TruncationRule(int bond, double weight) {

  /** Singular values below this share of the largest are rounding noise and always discarded. */
  private static final double ROUNDING_RATIO = 1e-15;

  /** Checks the bounds. */
  public TruncationRule {
    if (bond < 1) {
      throw new IllegalArgumentException("a bond dimension is at least 1, not " + bond);
    }
    if (!(weight >= 0 && weight < 1)) {
      throw new IllegalArgumentException(
          "a discarded weight is at least 0 and below 1, not " + weight);
    }
  }

  /** By the bond dimension alone. */
  public static TruncationRule toBond(int bond) {
    return new TruncationRule(bond, 0);
  }

  /** By the discarded weight alone. */
  public static TruncationRule toWeight(double weight) {
    return new TruncationRule(Integer.MAX_VALUE, weight);
  }

  /** Nothing but rounding is discarded. */
  public static TruncationRule none() {
    return toWeight(0);
  }

  /**
   * How many singular values to keep, at least 1.
   *
   * @param values decreasing; the tail of the spectrum may be missing
   * @param total sum of the squares of the whole spectrum
   */
  int kept(double[] values, double total) {
    double discarded = total;
    int kept = 0;
    while (kept < Math.min(bond, values.length)
        && values[kept] > ROUNDING_RATIO * values[0]
        && (weight == 0 || discarded > weight * total)) {
      discarded -= values[kept] * values[kept];
      kept++;
    }
    return Math.max(1, kept);
  }
}
