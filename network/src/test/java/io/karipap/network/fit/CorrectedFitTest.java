package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.quantize.Gptq;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CorrectedFitTest extends NetworkTest {

  private final QuantizationScheme scheme = QuantizationScheme.of("int3", 16);

  private Fitted fit(Tensor w, Metric metric, int rounds) {
    Function<Tensor, Factorization> pair = rest -> LowRankFit.fit(rest, metric, 3).factorization();
    return new CorrectedFit(
            rest ->
                Quantized.of(
                    new Dense(rest), List.of(Gptq.standard().quantize(rest, metric, scheme))),
            pair,
            v -> metric.squaredError(w, v))
        .fit(w, pair.apply(w), rounds);
  }

  @Test
  void moreRoundsNeverLoseAndACorrectionGainsOnRoundingAlone() {
    Tensor w = normal(1, 40, 48).add(normal(2, 40, 3).matmul(normal(3, 3, 48)));
    Metric metric = Metric.of(covariance(activations(300, 48, 4)));
    double alone = metric.squaredError(w, Gptq.standard().quantize(w, metric, scheme).values());

    double first = fit(w, metric, 1).squaredError();
    double last = first;
    for (int rounds = 2; rounds < 6; rounds++) {
      double error = fit(w, metric, rounds).squaredError();
      assertThat(error).isLessThanOrEqualTo(last);
      last = error;
    }

    assertThat(first).isLessThan(0.8 * alone);
  }

  @Test
  void reportsTheTrueErrorOfTheSum() {
    Tensor w = normal(1, 40, 48);
    Metric metric = Metric.of(covariance(activations(300, 48, 4)));

    Fitted fitted = fit(w, metric, 3);

    Sum sum = (Sum) fitted.factorization();
    double[] both = sum.base().matrix().to(DType.F64).add(sum.correction().matrix()).toDoubles();
    assertThat(sum.matrix().to(DType.F64).toDoubles()).isEqualTo(both);
    assertThat(metric.squaredError(w, sum.matrix())).isEqualTo(fitted.squaredError());
  }
}
