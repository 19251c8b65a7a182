package io.karipap.model.gauge;

import io.karipap.tensor.Tensor;

/** A = 1. */
public record Unchanged() implements ChangeOfBasis {

  @Override
  public Tensor apply(Tensor t) {
    return t;
  }

  @Override
  public Tensor dual(Tensor t) {
    return t;
  }

  @Override
  public Unchanged repeated(int copies) {
    return this;
  }
}
