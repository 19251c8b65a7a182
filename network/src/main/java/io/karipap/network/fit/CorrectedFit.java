package io.karipap.network.fit;

import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A matrix in few bits plus a network, W ~ Q + V, fitted by turns: Q rounds W - V, V is fitted to W
 * - Q (LoftQ, Li et al. 2023, algorithm 1, with the metric of LQER). It begins with a network that
 * is fitted to W itself. This removes the large elements from the range of the codes, and the final
 * error is nearly always smaller than with a start from the codes of W. A round may increase the
 * error, because rounding does not minimize it; the best of all rounds is kept.
 *
 * @param codes rounds a matrix [m, n]
 * @param correction fits a network to a matrix [m, n], for instance a low-rank pair
 * @param error of an approximation of W
 */
public record CorrectedFit(
    Function<Tensor, Quantized> codes,
    Function<Tensor, Factorization> correction,
    ToDoubleFunction<Tensor> error) {

  /**
   * Fits both.
   *
   * @param w [m, n]
   * @param first network that is fitted to w
   * @param rounds at least 1; the correction is fitted last in each
   */
  public Fitted fit(Tensor w, Factorization first, int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("at least one round is needed, not " + rounds);
    }
    Tensor target = w.detach().to(DType.F64);
    Fitted best = new Fitted(first, Double.POSITIVE_INFINITY, 0);
    Factorization network = first;
    for (int round = 1; round <= rounds; round++) {
      Quantized base = codes.apply(target.sub(wide(network)));
      Tensor rounded = wide(base);
      network = correction.apply(target.sub(rounded));
      double loss = error.applyAsDouble(rounded.add(wide(network)));
      if (loss < best.squaredError()) {
        best = new Fitted(new Sum(base, network), loss, round);
      }
    }
    return best;
  }

  private static Tensor wide(Factorization matrix) {
    return matrix.matrix().detach().to(DType.F64);
  }
}
