package io.karipap.compress;

import java.util.Optional;

/**
 * What matrices may become, and how they are fitted.
 *
 * @param form of the matrices in the blocks
 * @param grid sites for {@link FactorizationKind#PEPO} and {@link FactorizationKind#MPO}
 * @param iterations of one fit at most
 * @param cells consecutive blocks whose matrices of one family may share tensors; 0 for all blocks
 *     with {@link FactorizationKind#CELL}, and for none with {@link FactorizationKind#AUTO}
 */
public record FitSettings(
    FactorizationKind form, Optional<SiteGrid> grid, int iterations, int cells) {

  /** Iterations that bring a fit to convergence. */
  public static final int ITERATIONS = 500;

  private static final int LEAST_TRIAL = 20;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public FitSettings {
    if (iterations < 0) {
      throw new IllegalArgumentException("`iterations` must not be negative, not " + iterations);
    }
    if (cells < 0) {
      throw new IllegalArgumentException("`cells` must not be negative, not " + cells);
    }
  }

  /** The form that loses the least, fitted until it converges. */
  public static FitSettings standard() {
    return new FitSettings(FactorizationKind.AUTO, Optional.empty(), ITERATIONS, 0);
  }

  /** Iterations of the short fits that bases are compared by. */
  public int trialIterations() {
    return Math.min(iterations, Math.max(LEAST_TRIAL, iterations / 5));
  }
}
