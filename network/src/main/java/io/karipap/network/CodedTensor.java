package io.karipap.network;

import io.karipap.tensor.Tensor;
import java.util.List;

/** A tensor whose numbers are stored in few bits, as codes and scales. */
public sealed interface CodedTensor permits QuantizedTensor, ScaledIntegers {

  /** Its shape. */
  List<Long> shape();

  /** Bits of a number in storage, those of scales not counted. */
  double bitsPerNumber();

  /** Whether each number was rounded for itself, so that it can be trained through the rounding. */
  boolean isIndependent();

  /** Scales and the like: what training changes. */
  List<Tensor> variables();

  /** The same codes with other scales, in the order of {@link #variables}. */
  CodedTensor withVariables(List<Tensor> variables);

  /** The numbers that the codes stand for; differentiable by the variables. */
  Tensor values();

  /** Numbers stored. */
  long parameters();
}
