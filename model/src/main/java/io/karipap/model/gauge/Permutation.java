package io.karipap.model.gauge;

import io.karipap.tensor.Tensor;

/**
 * Another order.
 *
 * @param order int64 [n]: the old position of every new one
 */
public record Permutation(Tensor order) implements ChangeOfBasis {

  @Override
  public Tensor apply(Tensor t) {
    return t.indexSelect(0, order);
  }

  @Override
  public Tensor dual(Tensor t) {
    return apply(t); // orthogonal
  }
}
