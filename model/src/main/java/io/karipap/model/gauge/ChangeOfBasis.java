package io.karipap.model.gauge;

import io.karipap.tensor.Tensor;

/**
 * An invertible change of basis x' = A x of one of a model's spaces [n].
 *
 * <p>A layer y = W x whose input turns by A and whose output turns by B becomes W' = B W A^-1; its
 * input's covariance becomes C' = A C A^T.
 */
public sealed interface ChangeOfBasis permits Unchanged, Rotation, HeadRotation, Permutation {

  /** A t for t [n, k]: what vectors, in columns, become. */
  Tensor apply(Tensor t);

  /** A^-T t for t [n, k]: what gradients, in columns, become. */
  Tensor dual(Tensor t);

  /** A C A^T for a symmetric c [n, n]. */
  default Tensor congruent(Tensor c) {
    return apply(apply(c).transpose());
  }

  /**
   * This basis for every copy of a head.
   *
   * @throws IllegalArgumentException if it is one of heads taken together
   */
  default ChangeOfBasis repeated(int copies) {
    throw new IllegalArgumentException("only a basis within heads can be repeated");
  }

  /** W' = B W A^-1 with this A for w [m, n]. */
  default Tensor between(Tensor w, ChangeOfBasis output) {
    return output.apply(dual(w.transpose()).transpose());
  }
}
