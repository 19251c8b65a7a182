package io.karipap.bench.forms;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.fit.MatrixFit;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A row of the table of forms: a form in which a matrix is fitted. Rows for other bases, updates or
 * flows are added to {@link #ALL}.
 *
 * @param label as printed
 * @param form of the fit
 * @param grid sites, where the form has a choice
 */
record FormRow(String label, FactorizationKind form, Optional<SiteGrid> grid) {

  static final FormRow LOWRANK =
      new FormRow("closed-form SVD (low rank)", FactorizationKind.LOWRANK, Optional.empty());
  static final FormRow RING = new FormRow("ring 2x2", FactorizationKind.RING, Optional.empty());

  /** All rows, in the order of the table. */
  static final List<FormRow> ALL =
      List.of(
          LOWRANK,
          RING,
          new FormRow("PEPO 2x3", FactorizationKind.PEPO, Optional.of(new SiteGrid(2, 3))),
          new FormRow("PEPO 3x3", FactorizationKind.PEPO, Optional.of(new SiteGrid(3, 3))),
          new FormRow("block tensor train", FactorizationKind.BTT, Optional.empty()),
          new FormRow("MPO of three", FactorizationKind.MPO, Optional.empty()));

  /**
   * Squared error of the best fit within a budget; empty if no network of the form is within it.
   */
  OptionalDouble squaredError(
      String name, Tensor w, Metric metric, long budget, FormsArguments arguments) {
    boolean large = grid.isPresent() && grid.get().rows() * grid.get().columns() > 4;
    int iterations = large ? arguments.largeIterations() : arguments.iterations();
    boolean none =
        form == FactorizationKind.PEPO
            && LatticeSearch.candidates(
                    w.size(0),
                    w.size(1),
                    grid.orElse(SiteGrid.RING).rows(),
                    grid.orElse(SiteGrid.RING).columns(),
                    budget)
                .isEmpty();
    return none
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            new MatrixFit(grid, FitOptions.standard().withIterations(iterations))
                .fit(name, w, metric, form, budget)
                .squaredError());
  }
}
