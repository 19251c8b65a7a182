package io.karipap.bench.forms;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.fit.BestLattice;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.PepoFit;
import io.karipap.network.truncate.FullUpdate;
import io.karipap.network.truncate.SimpleUpdate;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of the table in which a ring begins with wide bonds and flows down to its budget: the
 * bond that goes next is the one that costs the least error per parameter saved.
 *
 * <p>The first two show one truncation alone, each to the same dimension and without a refit.
 */
final class FlowRows {

  static final String ONCE_SIMPLE = "ring, one bond truncated, not refitted: simple update";
  static final String ONCE_FULL = "ring, one bond truncated, not refitted: full update";
  static final String SIMPLE = "ring, flow by simple update";
  static final String FULL = "ring, flow by full update";

  static final List<String> LABELS = List.of(ONCE_SIMPLE, ONCE_FULL, SIMPLE, FULL);

  /** Parameters of the first ring as a multiple of the budget. */
  private static final double FIRST_RING_OVERSIZE = 1.5;

  /** A step removes 1 / STEPS_PER_BOND of a bond. */
  private static final int STEPS_PER_BOND = 12;

  private static final int LOCAL_ITERATIONS = 8;

  private final Tensor w;
  private final Metric metric;
  private final long budget;
  private final FitOptions options;

  private FlowRows(Tensor w, Metric metric, long budget, FitOptions options) {
    this.w = w;
    this.metric = metric;
    this.budget = budget;
    this.options = options;
  }

  /** Squared errors in the order of the labels. */
  static List<Double> squaredErrors(Tensor w, Metric metric, long budget, FitOptions options) {
    return new FlowRows(w, metric, budget, options).squaredErrors();
  }

  private List<Double> squaredErrors() {
    long generous = Math.min((long) (FIRST_RING_OVERSIZE * budget), w.elements());
    Pepo start = (Pepo) BestLattice.fit(w, metric, 2, 2, generous, options).factorization();
    List<Integer> bonds = start.lattice().bondDimensions();
    int widest = bonds.indexOf(java.util.Collections.max(bonds));
    int narrower = Math.max(1, bonds.get(widest) * 3 / 4);
    return List.of(
        metric.squaredError(w, SimpleUpdate.truncate(start, widest, narrower).matrix()),
        FullUpdate.truncate(start, widest, narrower, w, metric).squaredError(),
        flow(start, false),
        flow(start, true));
  }

  /** A network with one smaller bond. */
  private record Step(Pepo pepo, double squaredError) {}

  private double flow(Pepo start, boolean full) {
    Pepo pepo = start;
    while (pepo.lattice().parameters() > budget) {
      Pepo next = cheapest(pepo, full).pepo();
      pepo =
          (Pepo)
              PepoFit.from(next, w, metric, options.withIterations(LOCAL_ITERATIONS))
                  .factorization();
    }
    return PepoFit.from(pepo, w, metric, options).squaredError();
  }

  private Step cheapest(Pepo pepo, boolean full) {
    double present = metric.squaredError(w, pepo.matrix());
    double least = Double.POSITIVE_INFINITY;
    List<Step> best = new ArrayList<>();
    List<Integer> bonds = pepo.lattice().bondDimensions();
    for (int bond = 0; bond < bonds.size(); bond++) {
      int smaller = bonds.get(bond) - Math.max(1, bonds.get(bond) / STEPS_PER_BOND);
      if (smaller >= 1) {
        Step step = truncated(pepo, bond, smaller, full);
        Lattice lattice = step.pepo().lattice();
        double saved = (double) pepo.lattice().parameters() - lattice.parameters();
        double price = (step.squaredError() - present) / saved;
        if (price < least) {
          least = price;
          best = List.of(step);
        }
      }
    }
    return best.getFirst();
  }

  private Step truncated(Pepo pepo, int bond, int dimension, boolean full) {
    if (full) {
      var truncation = FullUpdate.truncate(pepo, bond, dimension, w, metric);
      return new Step(truncation.pepo(), truncation.squaredError());
    }
    Pepo smaller = SimpleUpdate.truncate(pepo, bond, dimension);
    return new Step(smaller, metric.squaredError(w, smaller.matrix()));
  }
}
