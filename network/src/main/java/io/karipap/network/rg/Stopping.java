package io.karipap.network.rg;

/**
 * When a renormalization stops.
 *
 * @param steps most steps
 * @param tolerance it stops earlier once ln Z per site has changed by less than this, relative to
 *     itself, in each of two steps; with 0 it never does
 */
public record Stopping(int steps, double tolerance) {

  /** Checks the bounds. */
  public Stopping {
    if (steps < 0) {
      throw new IllegalArgumentException("the number of steps cannot be " + steps);
    }
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("the tolerance must be at least 0, not " + tolerance);
    }
  }

  /** After a number of steps. */
  public static Stopping after(int steps) {
    return new Stopping(steps, 0);
  }

  boolean isConverged(double before, double now) {
    return Math.abs(now - before) < tolerance * Math.abs(now);
  }
}
