package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The Kronecker part of a metric on the inputs i_1, ..., i_S of a lattice: the product of the
 * covariances that each of them has when the others are traced out. It forgets what connects the
 * sites, but acts on each site alone.
 */
final class KroneckerMetric {

  /** Smallest eigenvalue of a factor, relative to the mean one: the inverse stays tame. */
  private static final double FLOOR = 1e-3;

  private KroneckerMetric() {}

  /**
   * One site's part.
   *
   * @param root symmetric square root [i, i]
   * @param inverse its inverse [i, i]
   */
  record Factor(Tensor root, Tensor inverse) {}

  /**
   * The factors of all sites.
   *
   * @param inputs i_s; their product is at least the metric's size, the surplus is zero
   */
  static List<Factor> factors(Metric metric, List<Integer> inputs) {
    long padded = inputs.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    Tensor c = metric.covariance().padTo(padded, padded);
    List<Factor> factors = new ArrayList<>(inputs.size());
    long before = 1;
    for (int size : inputs) {
      long after = padded / before / size;
      Tensor traced =
          Tensor.einsum("aibajb->ij", c.reshape(before, size, after, before, size, after));
      factors.add(factor(traced, size));
      before *= size;
    }
    return factors;
  }

  private static Factor factor(Tensor traced, int size) {
    double mean = traced.diagonal().mean().item();
    var spectrum = Linalg.eigh(traced.add(Tensor.eye(DType.F64, size).mul(FLOOR * mean)));
    Tensor root = spectrum.values().clampMin(FLOOR * mean).sqrt();
    Tensor vectors = spectrum.vectors();
    return new Factor(
        vectors.mul(root).matmul(vectors.transpose()),
        vectors.div(root).matmul(vectors.transpose()));
  }
}
