package io.karipap.network.fit;

import io.karipap.tensor.Lbfgs;

/** Settings that the L-BFGS fits share. */
public final class LbfgsDefaults {

  /** Pairs of steps remembered: 10 converge slower, 40 and 80 no faster. */
  private static final int MEMORY_PAIRS = 20;

  /** Number of iterations over which the decrease is measured. */
  private static final int WINDOW_ITERATIONS = 10;

  private LbfgsDefaults() {}

  public static Lbfgs lbfgs(FitOptions options) {
    return new Lbfgs(
        MEMORY_PAIRS, options.iterations(), 1e-16, options.tolerance(), WINDOW_ITERATIONS);
  }
}
