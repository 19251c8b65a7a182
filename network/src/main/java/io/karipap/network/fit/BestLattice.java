package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;

/** Fits the best of several lattices. */
@SuppressWarnings("DoNotCallSuggester")
public final class BestLattice {

  private BestLattice() {}

  /** Fits the best of several lattices. */
  public static Fitted fit(
      Tensor w, Metric metric, int gridRows, int gridColumns, long budget, FitOptions options) {
    throw new UnsupportedOperationException("not yet");
  }
}
