package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Sparse;
import io.karipap.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PruningTest extends NetworkTest {

  private static Tensor matrix() {
    return Tensor.of(new double[] {1, -4, 2, 0.5, 3, -0.1, 0.2, 6}, 2, 4);
  }

  /** C of diagonal 16, 0.25, 1, 4: Wanda's scores are |w| times 4, 0.5, 1, 2. */
  private static Metric metric() {
    double[] c = new double[16];
    c[0] = 16;
    c[5] = 0.25;
    c[10] = 1;
    c[15] = 4;
    return Metric.of(Tensor.of(c, 4, 4));
  }

  @Test
  void magnitudesAreComparedOverTheWholeMatrix() {
    Sparse kept = Pruning.magnitude(matrix(), 0.5);
    assertThat(kept.matrix().toDoubles()).containsExactly(0, -4, 2, 0, 3, 0, 0, 6);
    assertThat(kept.parameters()).isEqualTo(4);
    // bits 1, 2, 4 and 7
    assertThat(kept.mask().toArray(ValueLayout.JAVA_BYTE)).containsExactly((byte) 0b10010110);
    assertThat(kept.values().toDoubles()).containsExactly(-4, 2, 3, 6);
  }

  @Test
  void wandaWeighsMagnitudesByTheirInputsRowByRow() {
    // scores 4, 2, 2, 1 (the first of equal ones stays) and 12, 0.05, 0.2, 12
    assertThat(Pruning.wanda(matrix(), metric(), 0.5).matrix().toDoubles())
        .containsExactly(1, -4, 0, 0, 3, 0, 0, 6);
    assertThat(Pruning.wanda(matrix(), metric(), 0.25).matrix().toDoubles())
        .containsExactly(1, 0, 0, 0, 3, 0, 0, 0);
  }

  @Test
  void oneOfTwoNeighboursStays() {
    assertThat(Pruning.wanda(matrix(), metric(), 1, 2).matrix().toDoubles())
        .containsExactly(1, 0, 2, 0, 3, 0, 0, 6);
    assertThat(Pruning.wanda(matrix(), metric(), 2, 3).matrix().toDoubles())
        .containsExactly(1, -4, 0, 0.5, 3, 0, 0.2, 6);
  }

  @Test
  void wandaLosesLessThanMagnitudeInTheMetric() {
    Tensor large = normal(1, 40, 64);
    double[] scale = new double[64];
    Arrays.setAll(scale, i -> Math.exp(3.0 * (i * 7 % 64) / 64));
    Metric metric = Metric.of(covariance(normal(2, 300, 64).mul(Tensor.of(scale, 64))));

    double magnitude = metric.error(large, Pruning.magnitude(large, 0.5).matrix());

    assertThat(metric.error(large, Pruning.wanda(large, metric, 0.5).matrix()))
        .isLessThan(0.8 * magnitude);
  }

  @Test
  void refusesImpossibleShares() {
    assertThatThrownBy(() -> Pruning.magnitude(matrix(), 0)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> Pruning.wanda(matrix(), metric(), 1.5))
        .hasMessageContaining("at most 1");
    assertThatThrownBy(() -> Pruning.wanda(matrix(), metric(), 3, 2))
        .hasMessageContaining("3 of 2");
    assertThatThrownBy(() -> Pruning.wanda(matrix(), Metric.identity(3), 1))
        .hasMessageContaining("size 3");
  }
}
