package io.karipap.cli.command;

import io.karipap.model.gauge.Symmetry;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The value of {@code --gauge}.
 *
 * @param symmetries to choose the basis from, none for the original's basis; empty to decide by
 *     measured error
 */
record GaugeOption(Optional<Set<Symmetry>> symmetries) {

  /** Decided by measured error. */
  static final GaugeOption AUTO = new GaugeOption(Optional.empty());

  /**
   * Parses {@code auto}, {@code none} or labels separated by commas.
   *
   * @throws IllegalArgumentException listing the known ones
   */
  static GaugeOption of(String text) {
    return switch (text) {
      case "auto" -> AUTO;
      case "none" -> new GaugeOption(Optional.of(Set.of()));
      default -> new GaugeOption(Optional.of(Symmetry.of(List.of(text.split(",", -1)))));
    };
  }
}
