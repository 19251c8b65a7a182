package io.karipap.network.fit.cell;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.LatticeSearch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Fits the best unit cell within a budget: all shapes are fitted a little, the better ones further,
 * the best one to the end (successive halving).
 */
public final class BestCell {

  /** Shapes that go into the second and the third round. */
  private static final List<Integer> KEPT = List.of(2, 1);

  /** Iterations at the end of the first and of the second round. */
  private static final List<Integer> ROUNDS = List.of(30, 120);

  private BestCell() {}

  /**
   * The best fit found.
   *
   * @param targets the same matrix of consecutive blocks
   * @param budget the most parameters of all together, shared tensors counted once
   * @param options of the whole fit; {@code iterations} is the number for the best cell
   * @throws IllegalArgumentException if the sizes do not fit, or no cell is within the budget
   */
  public static FittedCell fit(List<CellTarget> targets, long budget, FitOptions options) {
    int m = targets.getFirst().w().size(0);
    int n = targets.getFirst().w().size(1);
    List<CellShape> shapes = candidates(m, n, targets.size(), budget);
    if (shapes.isEmpty()) {
      throw new IllegalArgumentException(
          "no cell holds %d matrices of %d x %d with %d parameters: allow more"
              .formatted(targets.size(), m, n, budget));
    }
    int first = Math.min(ROUNDS.get(0), options.iterations());
    List<FittedCell> cells = new ArrayList<>();
    for (CellShape shape : shapes) {
      cells.add(CellFit.fit(targets, shape, options.withIterations(first)));
    }
    int done = first;
    for (int round = 0; round < KEPT.size(); round++) {
      int until = round + 1 < ROUNDS.size() ? ROUNDS.get(round + 1) : options.iterations();
      int more = Math.max(0, Math.min(until, options.iterations()) - done);
      cells =
          cells.stream()
              .sorted(Comparator.comparingDouble(cell -> cell.total(targets)))
              .limit(KEPT.get(round))
              .map(cell -> further(cell, targets, options.withIterations(more)))
              .toList();
      done += more;
    }
    return cells.getFirst();
  }

  private static FittedCell further(FittedCell cell, List<CellTarget> targets, FitOptions options) {
    FittedCell next = CellFit.from(cell.cells(), targets, options);
    return new FittedCell(
        next.cells(), next.squaredErrors(), cell.iterations() + next.iterations());
  }

  /**
   * Cells within a budget: two sites with full or diagonal bond matrices, two sites of which one is
   * shared, and the ring of four with bond matrices on all bonds.
   *
   * @param matrices how many matrices of m x n the cell holds
   */
  public static List<CellShape> candidates(int m, int n, int matrices, long budget) {
    long k = matrices;
    List<CellShape> shapes = new ArrayList<>();
    // rank (m + n) + k rank^2 <= budget
    double sum = (double) m + n;
    int full = (int) ((Math.sqrt(sum * sum + 4.0 * k * budget) - sum) / (2.0 * k));
    add(shapes, m, n, Math.min(full, Math.min(m, n)), true, true, BondMatrix.FULL);
    long separate = budget / (m + n + k);
    add(shapes, m, n, Math.min(separate, k * Math.min(m, n)), true, true, BondMatrix.DIAGONAL);
    add(shapes, m, n, Math.min(budget / (m + k * n), m), true, false, BondMatrix.NONE);
    add(shapes, m, n, Math.min(budget / (k * m + n), n), false, true, BondMatrix.NONE);
    shapes.addAll(rings(m, n, matrices, budget));
    return List.copyOf(shapes);
  }

  private static void add(
      List<CellShape> shapes,
      int m,
      int n,
      long rank,
      boolean shareLeft,
      boolean shareRight,
      BondMatrix bond) {
    if (rank > 0) {
      shapes.add(CellShape.pair(m, n, Math.toIntExact(rank), shareLeft, shareRight, bond));
    }
  }

  /**
   * The first lattice that is within the budget together with its bond matrices; empty if there is
   * none.
   */
  private static List<CellShape> rings(int m, int n, int matrices, long budget) {
    long left = budget;
    while (left > 0) {
      List<Lattice> lattices = LatticeSearch.candidates(m, n, 2, 2, left);
      if (lattices.isEmpty()) {
        return List.of();
      }
      CellShape ring = CellShape.translationInvariant(lattices.getFirst());
      long excess = ring.parameters(matrices) - budget;
      if (excess <= 0) {
        return List.of(ring);
      }
      left -= excess;
    }
    return List.of();
  }
}
