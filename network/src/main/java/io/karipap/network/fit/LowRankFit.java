package io.karipap.network.fit;

import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;

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
    Sizes.require(w, metric, w.size(0), w.size(1));
    if (rank < 1 || rank > Math.min(w.size(0), w.size(1))) {
      throw new IllegalArgumentException(
          "the rank of a %d x %d matrix is 1 to %d, not %d"
              .formatted(w.size(0), w.size(1), Math.min(w.size(0), w.size(1)), rank));
    }
    var svd = Linalg.svd(metric.whiten(w));
    // the metric's rank may be smaller than the one asked for: the rest is zeros
    int kept = Math.min(rank, svd.s().size(0));
    Tensor weight = svd.s().narrow(0, 0, kept).sqrt();
    Tensor outputs = svd.u().narrow(1, 0, kept).mul(weight);
    Tensor left =
        metric
            .output()
            .map(g -> g.inverseRoot().transpose().matmul(outputs))
            .orElse(outputs)
            .padTo(w.size(0), rank);
    Tensor right =
        weight
            .reshape(-1, 1)
            .mul(svd.vh().narrow(0, 0, kept))
            .matmul(metric.inverseRoot())
            .padTo(rank, w.size(1));
    LowRank fitted = new LowRank(left, right);
    return new Fitted(fitted, metric.squaredError(w, fitted.matrix()), 0);
  }
}
