package io.karipap.network;

import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * A matrix V [rows, columns] held as a tensor network, or dense. Its cores are the stored, and
 * trainable, numbers.
 */
public sealed interface Factorization
    permits Dense, LowRank, BlockTensorTrain, Pepo, UnitCell, Quantized, Sum, Sparse {

  /** Output dimension m of y = V x. */
  int rows();

  /** Input dimension n of y = V x. */
  int columns();

  /** The stored tensors, in the order that {@link #withCores} takes them. */
  List<Tensor> cores();

  /** The same network with other tensors of the same shapes. */
  Factorization withCores(List<Tensor> cores);

  /** The matrix V [rows, columns], contracted; differentiable. */
  Tensor matrix();

  /**
   * y = x V^T for x [..., columns], computed in the element type of x; differentiable.
   *
   * @return [..., rows]
   */
  Tensor apply(Tensor x);

  /**
   * Multiply-add pairs that {@link #apply} spends per token, contraction of the matrix not counted.
   */
  long multiplications();

  /** Number of elements of the matrix, rows times columns. */
  default long elements() {
    return (long) rows() * columns();
  }

  /** Number of stored parameters, those included that other matrices share. */
  default long parameters() {
    return cores().stream().mapToLong(Tensor::elements).sum();
  }
}
