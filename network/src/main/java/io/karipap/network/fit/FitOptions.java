package io.karipap.network.fit;

import io.karipap.tensor.DType;

/**
 * When an iterative fit stops, and from where it starts.
 *
 * @param iterations the most steps (L-BFGS) or sweeps (alternating least squares)
 * @param tolerance the fit stops when the objective falls by less than this part over ten steps
 *     (one sweep)
 * @param ridge added to the diagonal of normal equations, relative to its mean
 * @param restarts fits from random starts beside the one from the hierarchical SVD; the best is
 *     kept
 * @param seed of the random starts
 */
public record FitOptions(int iterations, double tolerance, double ridge, int restarts, long seed) {

  /** Rounding of float32 is far below tolerances of at least this. */
  private static final double MIN_FLOAT32_TOLERANCE = 1e-6;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public FitOptions {
    if (iterations < 0 || !(tolerance >= 0) || !(ridge >= 0) || restarts < 0) {
      throw new IllegalArgumentException(
          "options of a fit must not be negative: iterations %d, tolerance %g, ridge %g, restarts %d"
              .formatted(iterations, tolerance, ridge, restarts));
    }
  }

  /** A converged fit: 500 iterations, tolerance 1e-4, no restarts. */
  public static FitOptions standard() {
    return new FitOptions(500, 1e-4, 1e-12, 0, 1);
  }

  /**
   * Element type that L-BFGS contracts networks in. Float32 is twice as fast, and its rounding is
   * far below ordinary tolerances; a fit to full precision needs float64.
   */
  public DType precision() {
    return tolerance >= MIN_FLOAT32_TOLERANCE ? DType.F32 : DType.F64;
  }

  /** The same with another iteration limit. */
  public FitOptions withIterations(int limit) {
    return new FitOptions(limit, tolerance, ridge, restarts, seed);
  }
}
