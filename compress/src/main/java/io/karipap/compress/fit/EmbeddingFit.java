package io.karipap.compress.fit;

import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.LowRankFit;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;

/**
 * Low-rank token embeddings E [vocabulary, d], fitted to how they are used: rows weigh as often as
 * their tokens come up, and columns are measured by what the head sees where the table is also the
 * head.
 *
 * <p>With D the square roots of the frequencies, D E C^(1/2) is cut off by a singular value
 * decomposition, the optimum of tr(D (E-V) C (E-V)^T D).
 */
public final class EmbeddingFit {

  private EmbeddingFit() {}

  /**
   * The optimum of a rank.
   *
   * @param table E in float64
   * @param frequencies share of every token in the calibration text [vocabulary]
   * @param metric of the head's input, or the identity
   */
  static Fitted fit(Tensor table, Tensor frequencies, Metric metric, int rank) {
    // a token that never came up still counts for a tenth of the average one
    Tensor weights = frequencies.to(DType.F64).add(0.1 / table.size(0)).sqrt().unsqueeze(1);
    Fitted scaled = LowRankFit.fit(table.mul(weights), metric, rank);
    LowRank pair = (LowRank) scaled.factorization();
    return new Fitted(
        new LowRank(pair.left().div(weights), pair.right()), scaled.squaredError(), 0);
  }

  /** The metric of a tied table: half the lookups' (identity), half the head's, each of trace d. */
  public static Metric tied(Tensor headCovariance) {
    int d = headCovariance.size(0);
    double scale = d / headCovariance.diagonal().sum().item();
    return Metric.of(headCovariance.mul(scale).add(Tensor.eye(DType.F64, d)));
  }
}
