package io.karipap.model;

import io.karipap.tensor.Tensor;

/**
 * Root mean square layer norm (Zhang and Sennrich 2019, equation 4).
 *
 * @param gain [d]
 * @param epsilon added to the mean square
 */
record RmsNorm(Tensor gain, double epsilon) {

  /** x / rms(x) * gain over the last dimension; the mean square in float32 at least. */
  Tensor apply(Tensor x) {
    Tensor rms = x.square().meanKeeping(-1).add(epsilon).pow(-0.5);
    return x.mul(rms).mul(gain);
  }
}
