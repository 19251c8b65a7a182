package io.karipap.compress;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.safetensors.ElementType;

/** A format that all numbers of a compressed model are stored in. */
public sealed interface StorageFormat {

  /** Labels that {@link #of} knows. */
  String LABELS = "float16, bfloat16, " + ScalarFormat.LABELS;

  /**
   * In 16 bits.
   *
   * @param type {@link ElementType#F16} or {@link ElementType#BF16}
   */
  record Half(ElementType type) implements StorageFormat {}

  /**
   * Quantized, in groups that share a scale.
   *
   * @param format of the codes
   */
  record Codes(ScalarFormat format) implements StorageFormat {}

  /**
   * The format of a label.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  static StorageFormat of(String label) {
    return switch (label) {
      case "float16" -> new Half(ElementType.F16);
      case "bfloat16" -> new Half(ElementType.BF16);
      default -> {
        try {
          yield new Codes(ScalarFormat.of(label));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "there is no number format '%s'; known are %s".formatted(label, LABELS), e);
        }
      }
    };
  }
}
