package io.karipap.compress.flow;

import io.karipap.network.LowRank;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import java.util.Optional;

/** The pairs of all ranks of a matrix as points of its path: they are known in closed form. */
final class LowRankSequence {

  private final SensitiveMatrix matrix;
  private final TensorOwner owner;

  /**
   * The pairs of a matrix.
   *
   * @param owner holds the pairs that are asked for
   */
  LowRankSequence(SensitiveMatrix matrix, TensorOwner owner) {
    this.matrix = matrix;
    this.owner = owner;
  }

  /** The pair of a rank. */
  PathPoint at(int rank) {
    double error = matrix.lowRank().squaredErrors().get(rank);
    LowRank pair = matrix.lowRank().at(rank);
    pair.cores().forEach(owner::own);
    return new PathPoint(pair, "rank " + rank, error, matrix.loss(error));
  }

  /** The pair below a point that loses the least for a parameter saved, if there is one. */
  Optional<PathPoint> below(PathPoint here) {
    int best = 0;
    double slope = Double.POSITIVE_INFINITY;
    long limit = TruncationPath.nextSize(here.parameters());
    for (int rank = 1; rank <= matrix.lowRank().ranks(); rank++) {
      long size = matrix.lowRank().parameters(rank);
      // one rank is always a step, however large
      boolean small = size <= limit || isNextRank(here, rank);
      double loss = matrix.loss(matrix.lowRank().squaredErrors().get(rank));
      double cost = (loss - here.loss()) / (here.parameters() - size);
      if (size < here.parameters() && small && cost <= slope) {
        best = rank;
        slope = cost;
      }
    }
    return best == 0 ? Optional.empty() : Optional.of(at(best));
  }

  private static boolean isNextRank(PathPoint here, int rank) {
    return here.factorization() instanceof LowRank(Tensor left, Tensor _)
        && rank == left.size(1) - 1
        && rank < 1 / TruncationPath.STEP;
  }
}
