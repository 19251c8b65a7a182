package io.karipap.model.gauge;

import io.karipap.tensor.Tensor;

/**
 * An orthogonal change of basis.
 *
 * @param q A [n, n], float64, orthogonal: its rows are the new basis vectors
 */
public record Rotation(Tensor q) implements ChangeOfBasis {

  @Override
  public Tensor apply(Tensor t) {
    return q.matmul(t);
  }

  @Override
  public Tensor dual(Tensor t) {
    return apply(t); // Q^-T = Q
  }
}
