package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Optional;

/**
 * A way to store the numbers of a tensor in few bits. The numbers are in groups that share what
 * goes with them, such as a scale.
 */
public sealed interface NumberFormat permits ScalarFormat {

  /** Labels that {@link #of} knows, for messages. */
  String LABELS = "int2 to int8, uint2 to uint8, apot2 to apot8, lloyd2 to lloyd4 and ternary";

  /** Its name, such as {@code int4}. */
  String label();

  /** Bits that a number takes in storage, those of its group's scale not counted. */
  double bitsPerNumber();

  /**
   * The stored tensors of a tensor in this format.
   *
   * @param name of the tensor, which theirs begin with
   */
  List<StoredTensor> tensors(String name, GroupLayout groups);

  /** The format of a label, if it is one. */
  static Optional<NumberFormat> find(String label) {
    return ScalarFormat.find(label).map(format -> format);
  }

  /**
   * The format of a label.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  static NumberFormat of(String label) {
    return find(label).orElseThrow(() -> unknown(label));
  }

  /** What is thrown for a label that is none. */
  static IllegalArgumentException unknown(String label) {
    return new IllegalArgumentException(
        "there is no number format '%s'; known are %s".formatted(label, LABELS));
  }
}
