package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LowRankFitTest extends NetworkTest {

  @Test
  void reachesTheDiscardedSingularValuesOfTheOutputs() {
    Tensor x = activations(300, 20, 1);
    Tensor w = normal(3, 16, 20);
    double[] s = Linalg.singularValues(w.matmul(x.transpose())).square().toDoubles();
    double expected = Arrays.stream(s).skip(5).sum() / Arrays.stream(s).sum();

    Fitted fitted = LowRankFit.fit(w, Metric.of(covariance(x)), 5);

    assertThat(fitted.squaredError()).isCloseTo(expected, within(1e-10));
  }

  @Test
  void isNotBeatenByPairsCloseBy() {
    Tensor w = normal(3, 16, 20);
    Metric metric = Metric.of(covariance(activations(300, 20, 1)));
    Fitted fitted = LowRankFit.fit(w, metric, 5);
    LowRank best = (LowRank) fitted.factorization();

    for (int k = 0; k < 20; k++) {
      Tensor left = best.left().add(normal(100 + k, 16, 5).mul(1e-3));
      Tensor right = best.right().add(normal(200 + k, 5, 20).mul(1e-3));
      assertThat(metric.squaredError(w, left.matmul(right))).isGreaterThan(fitted.squaredError());
    }
  }

  @Test
  void takesDeadInputsAsTheyAre() {
    Tensor w = normal(3, 16, 20);
    Metric metric = Metric.of(covariance(activations(6, 20, 1)));

    Fitted exact = LowRankFit.fit(w, metric, 10);

    assertThat(exact.squaredError()).isLessThan(1e-12);
    assertThat(exact.factorization().matrix().isFinite()).isTrue();
    assertThat(exact.factorization().parameters()).isEqualTo(10 * (16 + 20));
  }

  @Test
  void refusesRanksOutOfRange() {
    assertThatThrownBy(() -> LowRankFit.fit(normal(1, 3, 4), Metric.identity(4), 4))
        .hasMessageContaining("is 1 to 3, not 4");
    assertThatThrownBy(() -> LowRankFit.fit(normal(1, 3, 4), Metric.identity(5), 2))
        .hasMessageContaining("metric of size 5");
  }
}
