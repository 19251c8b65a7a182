package io.karipap.network.fit;

import io.karipap.network.BlockShape;
import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;

/** Fits a block tensor train. */
@SuppressWarnings("DoNotCallSuggester")
public final class BlockTensorTrainFit {

  private BlockTensorTrainFit() {}

  /** Fits a block tensor train. */
  public static Fitted fit(Tensor w, Metric metric, BlockShape shape, FitOptions options) {
    throw new UnsupportedOperationException("not yet");
  }
}
