package io.karipap.compress;

import java.util.List;

/** The form in which a matrix is stored. */
public enum FactorizationKind {
  /** The better of {@link #LOWRANK} and {@link #RING} by measured error. */
  AUTO,
  /** Unchanged. */
  DENSE,
  /** Closed-form activation-aware low rank, the baseline (SVD-LLM's optimum). */
  LOWRANK,
  /** Block tensor train of two factors: one multiplication per parameter. */
  BTT,
  /** Matrix product operator of three sites, or of the grid's one row. */
  MPO,
  /** PEPO of 2 x 2 sites. */
  RING,
  /** PEPO of the given grid. */
  PEPO,
  /** Site tensors shared with the same matrix of other blocks. */
  CELL;

  /** Name on the command line and in plan.yaml. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * The form of that label.
   *
   * @throws IllegalArgumentException listing the known ones
   */
  public static FactorizationKind of(String label) {
    for (FactorizationKind form : values()) {
      if (form.label().equals(label)) {
        return form;
      }
    }
    throw new IllegalArgumentException(
        "unknown form '"
            + label
            + "': known are "
            + String.join(
                ", ", java.util.Arrays.stream(values()).map(FactorizationKind::label).toList()));
  }

  /** The forms to try for this one. */
  public List<FactorizationKind> candidates() {
    return switch (this) {
      // at equal parameters a block tensor train was never the best of the three; its merit is
      // speed
      case AUTO -> List.of(LOWRANK, RING);
      case DENSE, LOWRANK, BTT, MPO, RING, PEPO, CELL -> List.of(this);
    };
  }
}
