package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The Kronecker part of one side of a metric on the inputs i_1, ..., i_S, or outputs, of a lattice:
 * the product of the covariances that each of them has when the others are traced out. It neglects
 * correlations between sites and acts on each site alone.
 */
public final class KroneckerMetric {

  /** Smallest eigenvalue of a factor, relative to the mean one: it bounds the inverse. */
  private static final double MIN_EIGENVALUE_RATIO = 1e-3;

  private KroneckerMetric() {}

  /**
   * One site's part.
   *
   * @param root symmetric square root [i, i]
   * @param inverse its inverse [i, i]
   */
  public record Factor(Tensor root, Tensor inverse) {}

  /** The factors of the inputs of all sites. */
  public static List<Factor> inputs(Metric metric, Lattice lattice) {
    return factors(metric.covariance(), lattice.inputs());
  }

  /** The factors of the outputs of all sites; identities for a metric without an output side. */
  public static List<Factor> outputs(Metric metric, Lattice lattice) {
    return metric
        .output()
        .map(side -> factors(side.matrix(), lattice.outputs()))
        .orElseGet(() -> lattice.outputs().stream().map(KroneckerMetric::one).toList());
  }

  private static Factor one(int size) {
    Tensor one = Tensor.eye(DType.F64, size);
    return new Factor(one, one);
  }

  /**
   * The factors of all sites.
   *
   * @param sizes their product is at least the matrix's size, the surplus is zero
   */
  static List<Factor> factors(Tensor matrix, List<Integer> sizes) {
    long padded = sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    Tensor c = matrix.padTo(padded, padded);
    List<Factor> factors = new ArrayList<>(sizes.size());
    long before = 1;
    for (int size : sizes) {
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
    var spectrum =
        Linalg.eigh(traced.add(Tensor.eye(DType.F64, size).mul(MIN_EIGENVALUE_RATIO * mean)));
    Tensor root = spectrum.values().clampMin(MIN_EIGENVALUE_RATIO * mean).sqrt();
    Tensor vectors = spectrum.vectors();
    return new Factor(
        vectors.mul(root).matmul(vectors.transpose()),
        vectors.div(root).matmul(vectors.transpose()));
  }
}
