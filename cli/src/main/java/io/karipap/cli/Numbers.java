package io.karipap.cli;

import io.karipap.checkpoint.ElementType;
import io.karipap.network.Format;

/** How the numbers of a model are to be stored. */
sealed interface Numbers {

  /** Labels that {@link #of} knows. */
  String LABELS = "float16, bfloat16, " + Format.LABELS;

  /** In 16 bits. */
  record Half(ElementType type) implements Numbers {}

  /** As codes. */
  record Codes(Format format) implements Numbers {}

  /**
   * Those of a label.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  static Numbers of(String label) {
    return switch (label) {
      case "float16" -> new Half(ElementType.F16);
      case "bfloat16" -> new Half(ElementType.BF16);
      default -> {
        try {
          yield new Codes(Format.of(label));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "there is no number format '%s'; known are %s".formatted(label, LABELS), e);
        }
      }
    };
  }
}
