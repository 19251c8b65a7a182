package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Finds bond dimensions of a lattice that use up a budget of parameters and are as equal as the
 * sites allow.
 */
final class BondSearch {

  /**
   * Lattices that use at least this share of the budget are ordered by the equality of their bonds;
   * others by their parameters.
   */
  static final double MIN_BUDGET_SHARE = 0.99;

  private final long budget;
  private final int[][] bondsOf;
  private final long[] physical;

  private BondSearch(Lattice lattice, long budget) {
    this.budget = budget;
    bondsOf = new int[lattice.sites()][];
    physical = new long[lattice.sites()];
    for (int site = 0; site < bondsOf.length; site++) {
      bondsOf[site] = lattice.bondsOf(site).stream().mapToInt(Integer::intValue).toArray();
      physical[site] = (long) lattice.outputs().get(site) * lattice.inputs().get(site);
    }
  }

  /**
   * A lattice and the capacity of its bonds.
   *
   * @param lattice with its bonds chosen
   * @param parameters its parameters
   * @param capacity sum of the logarithms of all bond dimensions
   */
  record Choice(Lattice lattice, long parameters, double capacity) {
    boolean close(long budget) {
      return parameters >= MIN_BUDGET_SHARE * budget;
    }
  }

  /**
   * The best bonds for a lattice whose own bonds do not matter; empty if even bonds of 1 exceed the
   * budget.
   */
  static Optional<Choice> choose(Lattice lattice, long budget) {
    BondSearch search = new BondSearch(lattice, budget);
    int[] bonds = new int[lattice.bonds()];
    Arrays.fill(bonds, 1);
    if (search.parameters(bonds) > budget) {
      return Optional.empty();
    }
    search.grow(bonds);
    search.climb(bonds);
    List<Integer> chosen = Arrays.stream(bonds).boxed().toList();
    return Optional.of(
        new Choice(lattice.withBonds(chosen), search.parameters(bonds), capacity(bonds)));
  }

  /** Enlarges the smallest bond that the budget and its two sites allow, until there is none. */
  private void grow(int[] bonds) {
    List<Integer> open = new ArrayList<>();
    for (int bond = 0; bond < bonds.length; bond++) {
      open.add(bond);
    }
    while (!open.isEmpty()) {
      int smallest = Collections.min(open, (a, b) -> Integer.compare(bonds[a], bonds[b]));
      bonds[smallest]++;
      if (!allowed(bonds)) {
        bonds[smallest]--;
        open.remove((Integer) smallest);
      }
    }
  }

  /** Changes up to three bonds by one as long as that helps. */
  private void climb(int[] bonds) {
    boolean better = true;
    while (better) {
      better = false;
      int[] best = bonds.clone();
      for (int[] move : moves(bonds.length)) {
        int[] moved = bonds.clone();
        for (int k = 0; k < move.length; k++) {
          moved[Math.abs(move[k]) - 1] += Integer.signum(move[k]);
        }
        if (allowed(moved) && better(moved, best)) {
          best = moved;
          better = true;
        }
      }
      System.arraycopy(best, 0, bonds, 0, bonds.length);
    }
  }

  /** Up to three different bonds, numbered from 1, with a sign. */
  private static List<int[]> moves(int bonds) {
    List<int[]> moves = new ArrayList<>();
    for (int a = -bonds; a <= bonds; a++) {
      for (int b = Math.abs(a) + 1; a != 0 && b <= bonds; b++) {
        moves.add(new int[] {a, b});
        moves.add(new int[] {a, -b});
        for (int c = b + 1; c <= bonds; c++) {
          moves.add(new int[] {a, b, c});
          moves.add(new int[] {a, b, -c});
          moves.add(new int[] {a, -b, c});
          moves.add(new int[] {a, -b, -c});
        }
      }
      if (a != 0) {
        moves.add(new int[] {a});
      }
    }
    return moves;
  }

  private boolean better(int[] a, int[] b) {
    double fillA = Math.min(MIN_BUDGET_SHARE, (double) parameters(a) / budget);
    double fillB = Math.min(MIN_BUDGET_SHARE, (double) parameters(b) / budget);
    return fillA > fillB || (fillA == fillB && capacity(a) > capacity(b) + 1e-12);
  }

  private static double capacity(int[] bonds) {
    double sum = 0;
    for (int bond : bonds) {
      sum += Math.log(bond);
    }
    return sum;
  }

  /**
   * Within the budget, and no bond larger than the product of the other legs of one of its sites: a
   * larger bond has no use.
   */
  private boolean allowed(int[] bonds) {
    for (int site = 0; site < bondsOf.length; site++) {
      long size = size(site, bonds);
      for (int bond : bondsOf[site]) {
        if (bonds[bond] < 1 || (long) bonds[bond] * bonds[bond] > size) {
          return false;
        }
      }
    }
    return parameters(bonds) <= budget;
  }

  private long size(int site, int[] bonds) {
    long size = physical[site];
    for (int bond : bondsOf[site]) {
      size *= bonds[bond];
    }
    return size;
  }

  private long parameters(int[] bonds) {
    long sum = 0;
    for (int site = 0; site < bondsOf.length; site++) {
      sum += size(site, bonds);
    }
    return sum;
  }
}
