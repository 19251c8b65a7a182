package io.karipap.cli.command;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.safetensors.ElementType;

/** How the numbers of a model are to be stored. */
sealed interface StorageFormat {

  /** Labels that {@link #of} knows. */
  String LABELS = "float16, bfloat16, " + ScalarFormat.LABELS;

  /** In 16 bits. */
  record Half(ElementType type) implements StorageFormat {}

  /** As codes. */
  record Codes(ScalarFormat format) implements StorageFormat {}

  /**
   * Those of a label.
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
