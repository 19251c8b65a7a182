package io.karipap.network.fit;

import io.karipap.network.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;

/** Fits a network by L-BFGS. */
public final class PepoFit {

  private PepoFit() {}

  /** Fits a network by L-BFGS. */
  public static Fitted fit(Tensor w, Metric metric, Lattice lattice, FitOptions options) {
    return from(HierarchicalSvd.start(w, metric, lattice), w, metric, options);
  }

  /** Improves a network by L-BFGS. */
  public static Fitted from(Pepo start, Tensor w, Metric metric, FitOptions options) {
    PepoObjective objective = new PepoObjective(w, metric, start.lattice());
    Lbfgs lbfgs = new Lbfgs(20, options.iterations(), 1e-16, options.tolerance(), 10);
    Lbfgs.Minimum minimum = lbfgs.minimise(objective, PepoObjective.variables(start));
    Pepo fitted = start.withCores(objective.cores(minimum.x()));
    return new Fitted(fitted, metric.squaredError(w, fitted.matrix()), minimum.iterations());
  }
}
