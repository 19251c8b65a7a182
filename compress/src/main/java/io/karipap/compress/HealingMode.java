package io.karipap.compress;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a healing trains. */
public enum HealingMode {
  /** All numbers; numbers of quantized matrices through the rounding. */
  ALL,
  /** Scales and shifts of codes alone (PEQA, Kim et al. 2023). */
  SCALES,
  /** Low-rank updates of the matrices in blocks (LoRA, Hu et al. 2021). */
  LORA,
  /** Updates of these matrices that are tensor trains (TT-LoRA, Anjum et al. 2024). */
  TT_LORA;

  /** Its name in texts, such as {@code scales}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The mode of a label.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  public static HealingMode of(String label) {
    return Arrays.stream(values())
        .filter(choice -> choice.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "nothing to train is called '%s'; known are %s"
                    .formatted(
                        label,
                        Arrays.stream(values())
                            .map(HealingMode::label)
                            .collect(Collectors.joining(", ")))));
  }
}
