package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;

/** The best matrix of a given rank. */
@SuppressWarnings("DoNotCallSuggester")
public final class LowRankFit {

  private LowRankFit() {}

  /** The best matrix of a given rank. */
  public static Fitted fit(Tensor w, Metric metric, int rank) {
    throw new UnsupportedOperationException("not yet");
  }
}
