package io.karipap.checkpoint.form;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a stored matrix: which tensors it is made of, and how. It is written as a label and
 * named lists of integers, as in the manifest of an artifact:
 *
 * <pre>
 * label     = term | term "+" term
 * term      = structure ":" format | structure | "cell" | "sparse"
 * structure = "dense" | "lowrank" | "btt" | "pepo"
 * format    = a label of {@link NumberFormat} | "coded"
 * </pre>
 *
 * <p>The integers of a sum's terms have the prefixes {@code base.} and {@code correction.}.
 */
public sealed interface FormSpec
    permits QuantizableForm, QuantizedForm, EntropyCodedForm, CellForm, SparseForm, SumForm {

  /** Names of structures, for messages. */
  List<String> NAMES =
      List.of(
          DenseForm.NAME,
          LowRankForm.NAME,
          BlockTensorTrainForm.NAME,
          LatticeForm.NAME,
          CellForm.NAME,
          SparseForm.NAME);

  /** Rows of the matrix: outputs of the layer. */
  int rows();

  /** Columns of the matrix: inputs of the layer. */
  int columns();

  /** The form's name in the manifest, such as {@code dense:int4+lowrank}. */
  String label();

  /** The form's integers in the manifest, by name. */
  Map<String, List<Integer>> integers();

  /**
   * All tensors that the matrix is made of, in the order of its cores.
   *
   * @param name of the matrix, without a suffix such as {@code .weight}
   * @throws IllegalArgumentException if a matrix of that name cannot have this form
   */
  List<StoredTensor> tensors(String name);

  /** Those of its tensors that are stored under its name, and not with another matrix. */
  default List<StoredTensor> stored(String name) {
    return tensors(name);
  }

  /** Numbers stored under its name: weights, codes, zero points, scales and shifts. */
  default long parameters() {
    return stored("").stream().mapToLong(StoredTensor::numbers).sum();
  }

  /** Bytes stored under its name, numbers that are not coded in float32. */
  default long bytes() {
    return stored("").stream().mapToLong(StoredTensor::bytes).sum();
  }

  /** True if {@link #of} knows the label. */
  static boolean isLabel(String label) {
    String[] terms = label.split("\\+", -1);
    return terms.length <= 2 && Arrays.stream(terms).allMatch(FormSpec::isTerm);
  }

  private static boolean isTerm(String term) {
    String[] parts = term.split(":", -1);
    return switch (parts.length) {
      case 1 -> NAMES.contains(term);
      case 2 ->
          QuantizableForm.NAMES.contains(parts[0])
              && (parts[1].equals(EntropyCodedForm.FORMAT)
                  || NumberFormat.find(parts[1]).isPresent());
      default -> false;
    };
  }

  /**
   * The form that a manifest describes.
   *
   * @param label as {@link #label} prints it
   * @param integers as {@link #integers} lists them; other names are ignored
   * @throws IllegalArgumentException if the label is unknown, or integers are missing or do not fit
   *     together
   */
  static FormSpec of(String label, int rows, int columns, Map<String, List<Integer>> integers) {
    if (!isLabel(label)) {
      throw new IllegalArgumentException(
          "there is no form '%s'; known are %s".formatted(label, NAMES));
    }
    FormIntegers all = new FormIntegers(integers);
    String[] terms = label.split("\\+", -1);
    try {
      return terms.length == 1
          ? term(label, rows, columns, all)
          : new SumForm(
              term(terms[0], rows, columns, all.under(SumForm.BASE)),
              term(terms[1], rows, columns, all.under(SumForm.CORRECTION)));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("an integer is too large: " + e.getMessage(), e);
    }
  }

  private static FormSpec term(String term, int rows, int columns, FormIntegers integers) {
    int colon = term.indexOf(':');
    if (term.substring(colon + 1).equals(EntropyCodedForm.FORMAT)) {
      return EntropyCodedForm.parse(
          QuantizableForm.of(term.substring(0, colon), rows, columns, integers), integers);
    }
    Optional<NumberFormat> format =
        colon < 0 ? Optional.empty() : NumberFormat.find(term.substring(colon + 1));
    if (format.isPresent()) {
      QuantizableForm structure =
          QuantizableForm.of(term.substring(0, colon), rows, columns, integers);
      return QuantizedForm.parse(structure, format.get(), integers);
    }
    return switch (term) {
      case CellForm.NAME -> CellForm.parse(rows, columns, integers);
      case SparseForm.NAME -> new SparseForm(rows, columns, integers.one(SparseForm.COUNT));
      default -> QuantizableForm.of(term, rows, columns, integers);
    };
  }
}
