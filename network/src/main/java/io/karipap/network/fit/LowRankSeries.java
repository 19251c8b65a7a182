package io.karipap.network.fit;

import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/**
 * The nearest matrices of all ranks, from one singular value decomposition: truncating the optimum
 * of one rank gives the optimum of a smaller one.
 *
 * @param w the matrix [m, n]
 * @param metric in which nearness is measured
 * @param svd of S^T W R
 */
public record LowRankSeries(Tensor w, Metric metric, Linalg.Svd svd) {

  /**
   * The series of a matrix.
   *
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static LowRankSeries of(Tensor w, Metric metric) {
    ShapeChecks.require(w, metric, w.size(0), w.size(1));
    return new LowRankSeries(w.detach().to(DType.F64), metric, Linalg.svd(metric.whiten(w)));
  }

  /** Relative squared error of rank 0, 1, ...: the discarded part of the spectrum. */
  public double[] squaredErrors() {
    double[] s = svd.s().square().toDoubles();
    double[] errors = new double[s.length + 1];
    for (int rank = s.length - 1; rank >= 0; rank--) {
      errors[rank] = errors[rank + 1] + s[rank];
    }
    double all = errors[0];
    return Arrays.stream(errors).map(e -> e / all).toArray();
  }

  /** The optimum of a rank from 1 to min(m, n). */
  public Fitted at(int rank) {
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
