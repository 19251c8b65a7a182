package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;

class RoundingDescentTest extends NetworkTest {

  private final QuantizationScheme scheme = QuantizationScheme.of("int3", 8);

  @Test
  void endsWhereNoSingleCodeCanBeImproved() {
    Tensor w = normal(1, 3, 16);
    Metric metric = Metric.of(covariance(activations(50, 16, 2)));
    QuantizedTensor start = RoundToNearest.quantize(w, scheme);

    QuantizedTensor refined = RoundingDescent.refine(start, w, metric);

    double error = metric.squaredError(w, refined.values());
    assertThat(error).isLessThan(0.8 * metric.squaredError(w, start.values()));
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 16; column++) {
        for (int step = -1; step <= 1; step += 2) {
          CodeEditor changed = new CodeEditor(refined);
          int code = changed.code(row, column) + step;
          if (code >= 0 && code < 7) {
            changed.set(row, column, code);
            assertThat(metric.squaredError(w, changed.tensor().values()))
                .isGreaterThan(error - 1e-7);
          }
        }
      }
    }
  }

  @Test
  void improvesWhatErrorFeedbackHasFound() {
    Tensor w = normal(1, 24, 96);
    Metric metric = Metric.of(covariance(activations(200, 96, 2)));
    QuantizedTensor fed = Gptq.standard().quantize(w, metric, scheme);

    double refined = metric.squaredError(w, RoundingDescent.refine(fed, w, metric).values());

    assertThat(refined).isLessThan(metric.squaredError(w, fed.values()));
  }

  @Test
  void twoLayersRoundedTogetherLoseLessThanEachForItself() {
    for (String label : new String[] {"int4", "int3", "ternary"}) {
      Tensor w1 = normal(1, 12, 32);
      Tensor w2 = normal(2, 20, 12);
      Tensor x = activations(300, 32, 3);
      Metric metric = Metric.of(covariance(x));
      Metric inner = Metric.of(covariance(x.matmul(w1.transpose())));
      QuantizationScheme each = QuantizationScheme.of(label, 16);
      QuantizedTensor q1 =
          RoundingDescent.refine(Gptq.standard().quantize(w1, metric, each), w1, metric);
      QuantizedTensor q2 =
          RoundingDescent.refine(Gptq.standard().quantize(w2, inner, each), w2, inner);

      JointRounding.Pair pair = JointRounding.refine(q1, q2, w2.matmul(w1), metric);

      double separate = outputError(w1, w2, q1, q2, x);
      double joint = outputError(w1, w2, pair.first(), pair.second(), x);
      assertThat(joint).isLessThan(0.9 * separate);
      assertThat(pair.squaredError()).isCloseTo(joint, within(1e-6 * joint));
    }
  }

  /** Two-layer error on the activations themselves. */
  private static double outputError(
      Tensor w1, Tensor w2, QuantizedTensor q1, QuantizedTensor q2, Tensor x) {
    Tensor y = x.matmul(w1.transpose()).matmul(w2.transpose());
    Tensor z =
        x.matmul(q1.values().to(DType.F64).transpose())
            .matmul(q2.values().to(DType.F64).transpose());
    return Math.pow(distance(z, y), 2);
  }
}
