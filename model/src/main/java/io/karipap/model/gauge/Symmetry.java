package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Space;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The exact symmetries of a transformer that a gauge is chosen from. */
public enum Symmetry {
  /** Rotations of the residual stream, the gains of the norms folded into the next layers. */
  RESIDUAL(Space.Kind.RESIDUAL),
  /** Rotations of the values within each key/value head. */
  VALUES(Space.Kind.VALUES),
  /** The order of an MLP's neurons. */
  NEURONS(Space.Kind.NEURONS);

  private final Space.Kind kind;

  Symmetry(Space.Kind kind) {
    this.kind = kind;
  }

  /** Whether it is a symmetry of this space. */
  public boolean turns(Space space) {
    return space.kind() == kind && space.freedom() != Space.Freedom.NONE;
  }

  /** The symmetries that an architecture has. */
  public static Set<Symmetry> of(Architecture architecture) {
    Set<Symmetry> symmetries = EnumSet.noneOf(Symmetry.class);
    for (Symmetry symmetry : values()) {
      if (architecture.spaces().stream().anyMatch(symmetry::turns)) {
        symmetries.add(symmetry);
      }
    }
    return symmetries;
  }

  /**
   * Checks that an architecture has some symmetries.
   *
   * @throws IllegalArgumentException if it lacks one
   */
  static void require(Architecture architecture, Set<Symmetry> symmetries) {
    Set<Symmetry> all = of(architecture);
    for (Symmetry symmetry : symmetries) {
      if (!all.contains(symmetry)) {
        throw new IllegalArgumentException(
            "%s has no symmetry '%s': its symmetries are %s"
                .formatted(architecture.config().architecture(), symmetry.label(), labels(all)));
      }
    }
  }

  /** Name on the command line and in a manifest. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Parses labels.
   *
   * @throws IllegalArgumentException listing the known ones
   */
  public static Set<Symmetry> of(List<String> labels) {
    Set<Symmetry> symmetries = EnumSet.noneOf(Symmetry.class);
    for (String label : labels) {
      symmetries.add(
          Arrays.stream(values())
              .filter(symmetry -> symmetry.label().equals(label))
              .findFirst()
              .orElseThrow(() -> unknown(label)));
    }
    return symmetries;
  }

  private static IllegalArgumentException unknown(String label) {
    return new IllegalArgumentException(
        "unknown symmetry '%s': known are %s"
            .formatted(
                label,
                Arrays.stream(values()).map(Symmetry::label).collect(Collectors.joining(", "))));
  }

  /** Labels in the order of the enumeration. */
  public static List<String> labels(Set<Symmetry> symmetries) {
    return Arrays.stream(values()).filter(symmetries::contains).map(Symmetry::label).toList();
  }
}
