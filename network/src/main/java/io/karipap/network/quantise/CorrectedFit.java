package io.karipap.network.quantise;

import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.fit.Fitted;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * A matrix in few bits plus a network of full precision, W ~ Q + V, fitted by turns: Q rounds W - V
 * with error feedback, V is fitted to W - Q in the metric (LoftQ, Li et al. 2023, algorithm 1, with
 * the metric of LQER); from no network, and from one that is fitted to W itself. Neither step is a
 * descent of the whole by itself, since rounding is not; so the best of all rounds is kept.
 */
public final class CorrectedFit {

  private CorrectedFit() {}

  /**
   * Fits both.
   *
   * @param w [m, n]
   * @param correction fits a network to a matrix [m, n] in the metric, such as a low-rank pair
   * @param rounds of each start, at least 1
   */
  public static Fitted fit(
      Tensor w,
      Metric metric,
      Scheme scheme,
      Gptq feedback,
      Function<Tensor, Factorization> correction,
      int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("at least one round is needed, not " + rounds);
    }
    Tensor target = w.detach().to(DType.F64);
    Dense structure = new Dense(target);
    Fitted best = new Fitted(structure, Double.POSITIVE_INFINITY, 0);
    // a network that is fitted first takes what is large out of the range of the codes, one that is
    // fitted last makes up for more of their errors
    Tensor first = correction.apply(target).matrix().detach().to(DType.F64);
    for (Tensor start : List.of(target, target.sub(first))) {
      Tensor rest = start;
      for (int round = 1; round <= rounds; round++) {
        Quantized base = Quantized.of(structure, List.of(feedback.quantise(rest, metric, scheme)));
        Tensor rounded = base.matrix().to(DType.F64);
        Factorization network = correction.apply(target.sub(rounded));
        Tensor added = network.matrix().detach().to(DType.F64);
        double error = metric.squaredError(target, rounded.add(added));
        if (error < best.squaredError()) {
          best = new Fitted(new Sum(base, network), error, round);
        }
        rest = target.sub(added);
      }
    }
    return best;
  }
}
