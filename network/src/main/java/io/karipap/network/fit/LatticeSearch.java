package io.karipap.network.fit;

import io.karipap.network.Lattice;
import java.util.List;

/** Which lattices of a grid fit a parameter budget. */
@SuppressWarnings("DoNotCallSuggester")
public final class LatticeSearch {

  private LatticeSearch() {}

  /** Lattices of at most budget parameters, the most promising first; empty if there is none. */
  public static List<Lattice> candidates(
      int m, int n, int gridRows, int gridColumns, long budget) {
    throw new UnsupportedOperationException("not yet");
  }
}
