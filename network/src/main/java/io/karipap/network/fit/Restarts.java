package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs an iterative fit from several starts. */
public final class Restarts {

  /** Squared error of a fit that is exact up to rounding: no other start is tried. */
  private static final double EXACT_SQUARED_ERROR = 1e-24;

  private Restarts() {}

  /**
   * The best fit of those from the hierarchical SVD and from the random starts that the options ask
   * for.
   */
  public static Fitted best(
      Tensor w, Metric metric, Lattice lattice, FitOptions options, Function<Pepo, Fitted> fit) {
    Fitted best = fit.apply(HierarchicalSvd.start(w, metric, lattice));
    RandomTensors random = new RandomTensors(options.seed());
    for (int k = 0; k < options.restarts() && best.squaredError() > EXACT_SQUARED_ERROR; k++) {
      Fitted other = fit.apply(random(lattice, metric, w, random));
      if (other.squaredError() < best.squaredError()) {
        best = other;
      }
    }
    return best;
  }

  /** Normal variates, scaled to the energy of W. */
  static Pepo random(Lattice lattice, Metric metric, Tensor w, RandomTensors random) {
    List<Tensor> cores = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      cores.add(random.normal(DType.F64, lattice.shape(site)));
    }
    Pepo raw = new Pepo(lattice, cores);
    double scale = Math.sqrt(metric.energy(w) / metric.energy(raw.matrix()));
    double share = Math.pow(scale, 1.0 / lattice.sites());
    return raw.withCores(cores.stream().map(core -> core.mul(share)).toList());
  }
}
