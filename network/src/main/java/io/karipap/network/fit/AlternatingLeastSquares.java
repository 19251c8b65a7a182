package io.karipap.network.fit;

import io.karipap.network.Lattice;
import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;

/** Fits a network core by core. */
@SuppressWarnings("DoNotCallSuggester")
public final class AlternatingLeastSquares {

  private AlternatingLeastSquares() {}

  /** Fits a network core by core. */
  public static Fitted fit(Tensor w, Metric metric, Lattice lattice, FitOptions options) {
    throw new UnsupportedOperationException("not yet");
  }
}
