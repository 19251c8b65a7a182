package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;

/** Fits all cores of a network together, by L-BFGS. */
public final class PepoFit {

  private PepoFit() {}

  /**
   * Fits from the hierarchical SVD and, if asked for, from random starts; the best result wins.
   *
   * @param w [m, n]
   * @throws IllegalArgumentException if the sizes do not fit or W x is always zero
   */
  public static Fitted fit(Tensor w, Metric metric, Lattice lattice, FitOptions options) {
    return Restarts.best(w, metric, lattice, options, start -> from(start, w, metric, options));
  }

  /**
   * Improves a network.
   *
   * @param start cores to start from; they are not changed
   * @throws IllegalArgumentException if the sizes do not fit or W x is always zero
   */
  public static Fitted from(Pepo start, Tensor w, Metric metric, FitOptions options) {
    ShapeChecks.require(w, metric, start.rows(), start.columns());
    PepoObjective objective = new PepoObjective(w, metric, start.lattice(), options.precision());
    Lbfgs.Minimum minimum =
        LbfgsDefaults.lbfgs(options).minimise(objective, PepoObjective.variables(start));
    Pepo fitted = start.withCores(objective.cores(minimum.x()));
    return new Fitted(fitted, metric.squaredError(w, fitted.matrix()), minimum.iterations());
  }
}
