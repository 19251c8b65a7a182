package io.karipap.model.gauge;

import io.karipap.tensor.Tensor;

/**
 * An orthogonal change of basis within each head.
 *
 * @param heads [heads, head dimension, head dimension], float64, each orthogonal: its rows are the
 *     head's new basis vectors
 */
public record HeadRotation(Tensor heads) implements ChangeOfBasis {

  @Override
  public Tensor apply(Tensor t) {
    Tensor byHead = t.reshape(heads.size(0), heads.size(1), -1);
    return Tensor.einsum("hij,hjk->hik", heads, byHead).reshape(t.shape());
  }

  @Override
  public Tensor dual(Tensor t) {
    return apply(t); // orthogonal
  }

  /** Every head's rotation as often as query heads share it (Ainslie et al. 2023). */
  @Override
  public HeadRotation repeated(int copies) {
    long n = heads.size(1);
    return new HeadRotation(
        heads.unsqueeze(1).expand(-1, copies, -1, -1).reshape(-1, n, n).contiguous());
  }
}
