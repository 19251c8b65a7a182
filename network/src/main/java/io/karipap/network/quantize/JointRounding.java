package io.karipap.network.quantize;

import io.karipap.network.Metric;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Optional;

/**
 * The roundings of two layers that follow one another, y = W2 W1 x, chosen for the error of their
 * output instead of each layer's own: the smallest case of cross-block rounding (CBQ, Ding et al.
 * 2023, eq. 3), as for a head's value and output matrices or for the two factors of a low-rank
 * matrix. The error f = tr((Q2 Q1 - W2 W1) C (Q2 Q1 - W2 W1)^T) is quadratic in the codes of either
 * layer: {@link RoundingDescent} in one and in the other by turns never raises it.
 *
 * <p>Part of the library; no stage of a compression calls it.
 */
public final class JointRounding {

  /**
   * Both roundings.
   *
   * @param first Q1 [k, n]
   * @param second Q2 [m, k]
   * @param squaredError f relative to tr(W2 W1 C W1^T W2^T)
   */
  public record Pair(QuantizedTensor first, QuantizedTensor second, double squaredError) {}

  private JointRounding() {}

  /**
   * Improves a pair of roundings until a round of both gains less than a thousandth of the error.
   *
   * @param first the start of Q1 [k, n]
   * @param second the start of Q2 [m, k]
   * @param product W2 W1 [m, n]
   * @param metric of x
   */
  public static Pair refine(
      QuantizedTensor first, QuantizedTensor second, Tensor product, Metric metric) {
    Tensor target = product.detach().to(DType.F64);
    Pair pair = pair(first, second, target, metric);
    double before = Double.POSITIVE_INFINITY;
    while (pair.squaredError() < 0.999 * before) {
      before = pair.squaredError();
      QuantizedTensor left = pair.second();
      QuantizedTensor right;
      try (var _ = new TensorScope()) {
        right = first(pair, target, metric.covariance());
        left = second(new Pair(right, left, 0), target, metric.covariance());
      }
      pair = pair(right, left, target, metric);
    }
    return pair;
  }

  /** A = Q2^T Q2 and H = Q2^T (Q2 Q1 - W2 W1) C. */
  private static QuantizedTensor first(Pair pair, Tensor target, Tensor c) {
    Tensor q1 = RoundingDescent.wide(pair.first());
    Tensor q2 = RoundingDescent.wide(pair.second());
    Tensor half = q2.transpose().matmul(q2.matmul(q1).sub(target)).matmul(c);
    return RoundingDescent.refine(pair.first(), half, Optional.of(q2.transpose().matmul(q2)), c);
  }

  /** The metric of the inner vector, Q1 C Q1^T, and H = (Q2 Q1 - W2 W1) C Q1^T. */
  private static QuantizedTensor second(Pair pair, Tensor target, Tensor c) {
    Tensor q1 = RoundingDescent.wide(pair.first());
    Tensor q2 = RoundingDescent.wide(pair.second());
    Tensor inner = c.matmul(q1.transpose()).contiguous();
    Tensor half = q2.matmul(q1).sub(target).matmul(inner);
    return RoundingDescent.refine(
        pair.second(), half, Optional.empty(), q1.matmul(inner).contiguous());
  }

  private static Pair pair(
      QuantizedTensor first, QuantizedTensor second, Tensor target, Metric metric) {
    try (var _ = new TensorScope()) {
      Tensor v = RoundingDescent.wide(second).matmul(RoundingDescent.wide(first));
      return new Pair(first, second, metric.squaredError(target, v));
    }
  }
}
