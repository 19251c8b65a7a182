package io.karipap.compress.fit;

import io.karipap.network.LowRank;
import io.karipap.network.fit.LowRankSeries;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The optimal low-rank factorizations of a matrix, one inside the other: rank r is the first r
 * columns and rows.
 *
 * @param left [m, k], float32
 * @param right [k, n], float32
 * @param squaredErrors relative squared error of rank 0 to k
 */
public record LowRankPairs(Tensor left, Tensor right, List<Double> squaredErrors) {

  /** Keeps its own copy of the errors. */
  public LowRankPairs {
    squaredErrors = List.copyOf(squaredErrors);
  }

  static LowRankPairs of(LowRankSeries series) {
    List<Double> errors = Arrays.stream(series.squaredErrors()).boxed().toList();
    LowRank all = (LowRank) series.at(errors.size() - 1).factorization();
    return new LowRankPairs(all.left().to(DType.F32), all.right().to(DType.F32), errors);
  }

  /** The same with both factors replaced. */
  public LowRankPairs map(UnaryOperator<Tensor> function) {
    return new LowRankPairs(function.apply(left), function.apply(right), squaredErrors);
  }

  public int ranks() {
    return squaredErrors.size() - 1;
  }

  public long parameters(int rank) {
    return (long) rank * (left.size(0) + right.size(1));
  }

  /** The pair of a rank: views, no copies. */
  public LowRank at(int rank) {
    return new LowRank(left.narrow(1, 0, rank), right.narrow(0, 0, rank));
  }
}
