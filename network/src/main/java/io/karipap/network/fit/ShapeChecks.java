package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/** Checks the operands of a fit. */
public final class ShapeChecks {

  private ShapeChecks() {}

  /**
   * Fails unless w is [m, n] with finite elements, not zero on all inputs, and the metric n x n.
   */
  public static void require(Tensor w, Metric metric, int m, int n) {
    if (!Arrays.equals(w.shape(), new long[] {m, n}) || metric.size() != n) {
      throw new IllegalArgumentException(
          "a network of a %d x %d matrix cannot be fitted to one of shape %s with a metric of size %d"
              .formatted(m, n, Arrays.toString(w.shape()), metric.size()));
    }
    if (metric.output().filter(g -> g.matrix().size(0) != m).isPresent()) {
      throw new IllegalArgumentException(
          "the output side of the metric is not %d x %d as the matrix's outputs are"
              .formatted(m, m));
    }
    if (!w.isFinite()) {
      throw new IllegalArgumentException("the matrix has elements that are not finite numbers");
    }
    if (metric.energy(w) == 0) {
      throw new IllegalArgumentException(
          "the matrix maps all inputs to zero: there is nothing to fit");
    }
  }
}
