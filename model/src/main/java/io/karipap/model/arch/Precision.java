package io.karipap.model.arch;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;

/**
 * Where the narrow types of fast matrix products must not be used: sums over positions and over the
 * vocabulary.
 */
public final class Precision {

  private Precision() {}

  /** x itself in float64 or float32, otherwise widened to float32. */
  public static Tensor atLeastSingle(Tensor x) {
    return x.dtype() == DType.F64 ? x : x.to(DType.F32);
  }
}
