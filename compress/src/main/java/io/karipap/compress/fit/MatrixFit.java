package io.karipap.compress.fit;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.SiteGrid;
import io.karipap.network.Dense;
import io.karipap.network.Metric;
import io.karipap.network.fit.BestLattice;
import io.karipap.network.fit.BlockTensorTrainFit;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.network.fit.LowRankFit;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Fits one matrix: every form that is allowed, within the same number of parameters, and the best
 * of them by true error.
 *
 * @param grid sites for {@link FactorizationKind#PEPO} and {@link FactorizationKind#MPO}, if asked
 *     for
 * @param options of the iterative fits
 */
public record MatrixFit(Optional<SiteGrid> grid, FitOptions options) {

  /** Default sites of an MPO: three, as CompactifAI's examples have. */
  private static final SiteGrid MPO = new SiteGrid(1, 3);

  /**
   * The best factorization.
   *
   * @param w [m, n] in float64
   * @throws IllegalArgumentException if no form fits the budget
   */
  public Fitted fit(String name, Tensor w, Metric metric, FactorizationKind form, long budget) {
    return form.candidates().stream()
        .flatMap(candidate -> one(candidate, w, metric, budget).stream())
        .min(Comparator.comparingDouble(Fitted::squaredError))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s cannot be made %s with %d parameters: keep more parameters, or allow another form"
                    .formatted(name, form.label(), budget)));
  }

  private Optional<Fitted> one(FactorizationKind form, Tensor w, Metric metric, long budget) {
    int m = w.size(0);
    int n = w.size(1);
    return switch (form) {
      case AUTO -> throw new IllegalArgumentException("auto is not one form");
      case CELL -> throw new IllegalArgumentException("a cell is not one matrix");
      case DENSE ->
          budget < w.elements() ? Optional.empty() : Optional.of(new Fitted(new Dense(w), 0, 0));
      case LOWRANK -> {
        int rank = (int) Math.min(budget / (m + n), Math.min(m, n));
        yield rank < 1 ? Optional.empty() : Optional.of(LowRankFit.fit(w, metric, rank));
      }
      case BTT -> blockTensorTrain(w, metric, budget);
      case MPO -> lattice(w, metric, grid.orElse(MPO), budget);
      case RING -> lattice(w, metric, SiteGrid.RING, budget);
      case PEPO -> lattice(w, metric, grid.orElse(SiteGrid.RING), budget);
    };
  }

  private Optional<Fitted> lattice(Tensor w, Metric metric, SiteGrid sites, long budget) {
    boolean none =
        LatticeSearch.candidates(w.size(0), w.size(1), sites.rows(), sites.columns(), budget)
            .isEmpty();
    return none
        ? Optional.empty()
        : Optional.of(BestLattice.fit(w, metric, sites.rows(), sites.columns(), budget, options));
  }

  /** The best of two, four and eight blocks on a side; one block would be low rank. */
  private Optional<Fitted> blockTensorTrain(Tensor w, Metric metric, long budget) {
    List<Fitted> fits = new ArrayList<>();
    for (int blocks = 2; blocks <= 8; blocks *= 2) {
      int rows = Math.ceilDiv(w.size(0), blocks);
      int columns = Math.ceilDiv(w.size(1), blocks);
      int rank = (int) Math.min(budget / ((long) blocks * blocks * (rows + columns)), rows);
      if (rank > 0) {
        BlockShape shape =
            new BlockShape(rows, blocks, blocks, columns, rank, w.size(0), w.size(1));
        fits.add(BlockTensorTrainFit.fit(w, metric, shape, options));
      }
    }
    return fits.stream().min(Comparator.comparingDouble(Fitted::squaredError));
  }
}
