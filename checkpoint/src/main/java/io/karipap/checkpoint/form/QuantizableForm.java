package io.karipap.checkpoint.form;

import java.util.List;

/** A form all of whose tensors are plain numbers of the matrix alone: they can be quantized. */
public sealed interface QuantizableForm extends FormSpec
    permits DenseForm, LowRankForm, BlockTensorTrainForm, LatticeForm {

  /** Labels that {@link #of} knows. */
  List<String> NAMES =
      List.of(DenseForm.NAME, LowRankForm.NAME, BlockTensorTrainForm.NAME, LatticeForm.NAME);

  /**
   * The form of a label.
   *
   * @throws IllegalArgumentException if the label is unknown, or integers are missing or do not fit
   * @throws ArithmeticException if integers are too large
   */
  static QuantizableForm of(String label, int rows, int columns, FormIntegers integers) {
    return switch (label) {
      case DenseForm.NAME -> new DenseForm(rows, columns);
      case LowRankForm.NAME -> new LowRankForm(rows, columns, integers.one(LowRankForm.RANK));
      case BlockTensorTrainForm.NAME -> BlockTensorTrainForm.parse(rows, columns, integers);
      case LatticeForm.NAME -> new LatticeForm(LatticeForm.lattice(rows, columns, integers));
      default -> throw new IllegalArgumentException("there is no form '%s'".formatted(label));
    };
  }
}
