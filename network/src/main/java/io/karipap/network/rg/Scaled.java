package io.karipap.network.rg;

import io.karipap.tensor.Tensor;

/**
 * A tensor with its norm taken out.
 *
 * @param tensor of norm 1, or all zero
 * @param norm what it was divided by
 */
record Scaled(Tensor tensor, LogNumber norm) {

  static Scaled of(Tensor tensor) {
    double norm = tensor.norm().item();
    return new Scaled(norm == 0 ? tensor : tensor.mul(1 / norm), LogNumber.of(norm));
  }
}
