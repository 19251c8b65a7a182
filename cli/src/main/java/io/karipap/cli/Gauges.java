package io.karipap.cli;

import io.karipap.model.gauge.Symmetry;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code --gauge} says.
 *
 * @param symmetries to choose the basis from, none for the original's basis; empty to decide by
 *     measured error
 */
record Gauges(Optional<Set<Symmetry>> symmetries) {

  /** Decided by measured error. */
  static final Gauges AUTO = new Gauges(Optional.empty());

  /**
   * Parses {@code auto}, {@code none} or labels separated by commas.
   *
   * @throws IllegalArgumentException listing the known ones
   */
  static Gauges of(String text) {
    return switch (text) {
      case "auto" -> AUTO;
      case "none" -> new Gauges(Optional.of(Set.of()));
      default -> new Gauges(Optional.of(Symmetry.of(List.of(text.split(",", -1)))));
    };
  }
}
