package io.karipap.model.arch;

import io.karipap.tensor.Tensor;

/** One block of a transformer, its parameters in their places. */
@FunctionalInterface
public interface Block {

  /**
   * The residual stream after the block.
   *
   * @param state before it [batch, steps, d]
   * @param pass where the steps stand, and who looks on
   */
  Tensor apply(Tensor state, Pass pass);
}
