package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A cut of a lattice into two parts.
 *
 * @param name such as {@code columns 1|2}; sites count from 0, columns and rows from 1
 * @param part the sites of the one part, increasing; the others are the other part
 */
public record LatticeCut(String name, List<Integer> part) {

  /** Copies the list. */
  public LatticeCut {
    part = List.copyOf(part);
  }

  /** The cuts along every vertical, then every horizontal line of a lattice. */
  public static List<LatticeCut> lines(Lattice lattice) {
    List<LatticeCut> cuts = new ArrayList<>();
    for (int c = 1; c < lattice.columns(); c++) {
      int limit = c;
      cuts.add(
          new LatticeCut(
              "columns %d|%d".formatted(c, c + 1),
              sites(lattice).filter(s -> s % lattice.columns() < limit).boxed().toList()));
    }
    for (int r = 1; r < lattice.rows(); r++) {
      int limit = r;
      cuts.add(
          new LatticeCut(
              "rows %d|%d".formatted(r, r + 1),
              sites(lattice).filter(s -> s / lattice.columns() < limit).boxed().toList()));
    }
    return List.copyOf(cuts);
  }

  /**
   * The cuts along the lines, and for a ring of 2 x 2 sites the remaining bipartitions too: along
   * the diagonal, which crosses all four bonds, and around every single site.
   */
  public static List<LatticeCut> of(Lattice lattice) {
    List<LatticeCut> cuts = new ArrayList<>(lines(lattice));
    if (lattice.rows() == 2 && lattice.columns() == 2) {
      cuts.add(new LatticeCut("diagonal", List.of(0, 3)));
      sites(lattice).forEach(s -> cuts.add(new LatticeCut("site " + s, List.of(s))));
    }
    return List.copyOf(cuts);
  }

  private static IntStream sites(Lattice lattice) {
    return IntStream.range(0, lattice.sites());
  }
}
