package io.karipap.network.fit;

import io.karipap.network.Lattice;
import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;

/** Fits a network by L-BFGS. */
@SuppressWarnings("DoNotCallSuggester")
public final class PepoFit {

  private PepoFit() {}

  /** Fits a network by L-BFGS. */
  public static Fitted fit(Tensor w, Metric metric, Lattice lattice, FitOptions options) {
    throw new UnsupportedOperationException("not yet");
  }
}
