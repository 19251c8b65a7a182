package io.karipap.model.family;

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
    // through the norm, whose derivative is one pass over x
    Tensor meanSquare = x.normKeeping(-1).square().mul(1.0 / x.size(-1));
    return x.mul(meanSquare.add(epsilon).pow(-0.5)).mul(gain);
  }
}
