package io.karipap.network.rg;

/**
 * A real number too large or too small for a double: sign * exp(log).
 *
 * @param log natural logarithm of the magnitude, -infinity for zero
 * @param sign -1, 0 or 1
 */
public record LogNumber(double log, int sign) {

  /** The number one. */
  public static final LogNumber ONE = new LogNumber(0, 1);

  /** A double. */
  public static LogNumber of(double value) {
    return new LogNumber(Math.log(Math.abs(value)), (int) Math.signum(value));
  }

  /** this * factor. */
  public LogNumber times(LogNumber factor) {
    return new LogNumber(log + factor.log, sign * factor.sign);
  }

  /** The number as a double; it may overflow, or underflow to zero. */
  public double value() {
    return sign * Math.exp(log);
  }
}
