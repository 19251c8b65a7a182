package io.karipap.bench;

import io.karipap.compress.Form;
import io.karipap.compress.Grid;
import io.karipap.compress.MatrixFit;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A row of the table of forms: what one matrix may become. Rows for other bases, updates or flows
 * are added to {@link #ALL}.
 *
 * @param label as printed
 * @param form of the fit
 * @param grid sites, where the form has a choice
 */
record FormRow(String label, Form form, Optional<Grid> grid) {

  static final FormRow LOWRANK =
      new FormRow("closed-form SVD (low rank)", Form.LOWRANK, Optional.empty());
  static final FormRow RING = new FormRow("ring 2x2", Form.RING, Optional.empty());

  /** All rows, in the order of the table. */
  static final List<FormRow> ALL =
      List.of(
          LOWRANK,
          RING,
          new FormRow("PEPO 2x3", Form.PEPO, Optional.of(new Grid(2, 3))),
          new FormRow("PEPO 3x3", Form.PEPO, Optional.of(new Grid(3, 3))),
          new FormRow("block tensor train", Form.BTT, Optional.empty()),
          new FormRow("MPO of three", Form.MPO, Optional.empty()));

  /** Squared error of the best fit within a budget; empty if no such network is that small. */
  OptionalDouble squaredError(
      String name, Tensor w, Metric metric, long budget, FormsArguments arguments) {
    boolean large = grid.isPresent() && grid.get().rows() * grid.get().columns() > 4;
    int iterations = large ? arguments.largeIterations() : arguments.iterations();
    boolean none =
        form == Form.PEPO
            && LatticeSearch.candidates(
                    w.size(0),
                    w.size(1),
                    grid.orElse(Grid.RING).rows(),
                    grid.orElse(Grid.RING).columns(),
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
