package io.karipap.network.fit.site;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.PepoFit;
import io.karipap.network.fit.Restarts;
import io.karipap.network.fit.ShapeChecks;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * Fits a network core by core. With all others fixed the objective is quadratic in one core, and
 * every solution is its minimum, so that no sweep increases it. It converges more slowly than
 * {@link PepoFit} but to a smaller error: an operator that the network can represent is found up to
 * rounding.
 *
 * <p>Part of the library, for fits to rounding; no stage of a compression calls it.
 */
public final class AlternatingLeastSquares {

  private final Tensor w;
  private final Tensor c;
  private final Tensor weighted; // W C
  private final double energy;
  private final List<SiteLayout> layouts = new ArrayList<>();
  private final List<Tensor> cores = new ArrayList<>();
  private final double ridge;

  private AlternatingLeastSquares(Tensor w, Metric metric, Pepo start, double ridge) {
    this.w = w;
    this.ridge = ridge;
    c = metric.covariance();
    weighted = w.matmul(c);
    energy = metric.energy(w);
    for (int site = 0; site < start.lattice().sites(); site++) {
      layouts.add(new SiteLayout(start.lattice(), site));
      cores.add(start.cores().get(site).detach().to(DType.F64).copy());
    }
  }

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
   * @throws IllegalArgumentException if the sizes do not fit, or the metric has an output side: it
   *     would couple the rows of a core, whose equations are solved one by one
   */
  public static Fitted from(Pepo start, Tensor w, Metric metric, FitOptions options) {
    ShapeChecks.require(w, metric, start.rows(), start.columns());
    if (metric.output().isPresent()) {
      throw new IllegalArgumentException(
          "alternating least squares need the outputs to weigh the same: fit by L-BFGS with a metric of outputs");
    }
    AlternatingLeastSquares als =
        new AlternatingLeastSquares(w.detach().to(DType.F64), metric, start, options.ridge());
    double error = metric.squaredError(w, start.matrix());
    int sweep = 0;
    boolean falling = true;
    while (falling && sweep < options.iterations()) {
      double before = error;
      error = als.sweep();
      sweep++;
      falling = before - error > options.tolerance() * before;
    }
    Pepo fitted = start.withCores(als.cores);
    return new Fitted(fitted, metric.squaredError(w, fitted.matrix()), sweep);
  }

  /** Solves for every core once; gives the relative squared error. */
  private double sweep() {
    for (SiteLayout layout : layouts) {
      try (var _ = new TensorScope()) {
        SiteEnvironment environment = SiteEnvironment.of(layout, cores);
        Tensor core = cores.get(layout.site());
        Tensor current = core.reshape(layout.outputs(), -1);
        // the equations of the correction, not of the core: a ridge then holds back the step, not
        // the solution
        Tensor residual = environment.project(weighted.sub(environment.expand(current).matmul(c)));
        core.copyFrom(
            current.add(SiteSolver.solve(environment, c, residual, ridge)).reshape(core.shape()));
      }
    }
    try (var _ = new TensorScope()) {
      SiteEnvironment last = SiteEnvironment.of(layouts.getFirst(), cores);
      Tensor v = last.expand(cores.getFirst().reshape(layouts.getFirst().outputs(), -1));
      Tensor difference = v.sub(w);
      return difference.mul(difference.matmul(c)).sum().item() / energy;
    }
  }
}
