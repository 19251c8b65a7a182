package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;

/**
 * The matrix of a given rank that is nearest in the metric: the truncated singular value
 * decomposition of S^T W R, G = S S^T and C = R R^T (Eckart and Young; with G = I SVD-LLM, Wang et
 * al. 2024). On inputs that never occur, the null space of C, the result is zero.
 */
public final class LowRankFit {

  private LowRankFit() {}

  /**
   * The optimum, in closed form.
   *
   * @param w [m, n]
   * @param rank 1 to min(m, n)
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Fitted fit(Tensor w, Metric metric, int rank) {
    ShapeChecks.require(w, metric, w.size(0), w.size(1));
    if (rank < 1 || rank > Math.min(w.size(0), w.size(1))) {
      throw new IllegalArgumentException(
          "the rank of a %d x %d matrix is 1 to %d, not %d"
              .formatted(w.size(0), w.size(1), Math.min(w.size(0), w.size(1)), rank));
    }
    try (var scope = new TensorScope()) {
      return LowRankSeries.of(w, metric).at(rank).keptBy(scope);
    }
  }
}
