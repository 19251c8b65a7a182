package io.karipap.network.fit.cell;

import io.karipap.network.Metric;
import io.karipap.network.fit.ShapeChecks;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * A matrix that a cell is to represent, with its own metric.
 *
 * @param w [m, n]
 * @param metric of its inputs
 * @param weight of its relative squared error in the joint objective; the energy tr(W C W^T) as the
 *     weight gives the absolute error
 */
public record CellTarget(Tensor w, Metric metric, double weight) {

  /** A target of weight 1. */
  public CellTarget(Tensor w, Metric metric) {
    this(w, metric, 1);
  }

  /**
   * Fails unless there are targets, all of this size and of positive weight.
   *
   * @throws IllegalArgumentException naming the target that does not fit
   */
  static void require(List<CellTarget> targets, int m, int n) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("a cell is fitted to one matrix or more, not to none");
    }
    for (CellTarget target : targets) {
      ShapeChecks.require(target.w(), target.metric(), m, n);
      if (!(target.weight() > 0 && target.weight() <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "the weight of a matrix must be positive, not " + target.weight());
      }
    }
  }

  /** sqrt(weight / energy): what makes the squared norm of this times (W - V) R the objective. */
  double scale() {
    return Math.sqrt(weight / metric.energy(w));
  }
}
