package io.karipap.network;

import io.karipap.checkpoint.form.FormSpec;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

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

  /** What it is made of, without the numbers. */
  FormSpec form();

  /** The stored tensors, in the order that {@link #withCores} takes them. */
  List<Tensor> cores();

  /** The same network with other tensors of the same shapes. */
  Factorization withCores(List<Tensor> cores);

  /** The same network with every core replaced by a tensor of the same shape. */
  default Factorization map(UnaryOperator<Tensor> function) {
    return withCores(cores().stream().map(function).toList());
  }

  /** The same network with its cores in another element type. */
  default Factorization to(DType type) {
    return map(core -> core.to(type));
  }

  /** The addends of a sum; otherwise the factorization itself. */
  default List<Factorization> terms() {
    return List.of(this);
  }

  /**
   * The form alone, with the shapes of its tensors: of quantized numbers the factorization that
   * they are the cores of, whose own numbers mean nothing; otherwise the factorization itself.
   */
  default Factorization structure() {
    return this;
  }

  /**
   * The cores that are stored as codes, those of all terms; none if all numbers are stored as they
   * are.
   */
  default List<CodedTensor> codes() {
    return List.of();
  }

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
