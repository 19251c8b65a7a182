package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaterFillingTest extends NetworkTest {

  private static Tensor spd(long seed, int n) {
    Tensor a = normal(seed, n, n);
    return a.matmul(a.transpose()).mul(1.0 / n).add(Tensor.eye(DType.F64, n).mul(0.05));
  }

  private static Metric metric(int m, int n, boolean output) {
    Metric inputs = Metric.of(spd(3, n));
    return output ? inputs.withOutput(spd(4, m)) : inputs;
  }

  /** Number after number, each sum over all errors behind it written out. */
  private static double[] naive(double[] w, WaterFilling rounding, Metric metric, double theta) {
    double[] dg = rounding.rowWeights();
    double[] dc = rounding.columnWeights();
    int m = dg.length;
    int n = dc.length;
    double[] lg =
        lower(metric.output().map(Metric.Output::matrix).orElse(Tensor.eye(DType.F64, m)));
    double[] lc = lower(metric.covariance());
    double[] v = new double[m * n];
    for (int j = n - 1; j >= 0; j--) {
      for (int i = m - 1; i >= 0; i--) {
        double x = w[i * n + j];
        for (int k = i; k < m; k++) {
          for (int l = j; l < n; l++) {
            if (k != i || l != j) {
              x -= lg[k * m + i] * (v[k * n + l] - w[k * n + l]) * lc[l * n + j];
            }
          }
        }
        double step = Math.sqrt(12 * theta / dg[i] / dc[j]);
        v[i * n + j] = step * Math.rint(x / step);
      }
    }
    return v;
  }

  /** L of L D L^T by the textbook's recursion, with the class's ridge. */
  private static double[] lower(Tensor a) {
    int n = a.size(0);
    double[] s = a.toDoubles();
    double ridge = 1e-6 * a.diagonal().mean().item();
    double[] l = new double[n * n];
    double[] d = new double[n];
    for (int j = 0; j < n; j++) {
      d[j] = s[j * n + j] + ridge;
      for (int k = 0; k < j; k++) {
        d[j] -= l[j * n + k] * l[j * n + k] * d[k];
      }
      for (int i = j; i < n; i++) {
        double sum = s[i * n + j] + (i == j ? ridge : 0);
        for (int k = 0; k < j; k++) {
          sum -= l[i * n + k] * l[j * n + k] * d[k];
        }
        l[i * n + j] = sum / d[j];
      }
    }
    return l;
  }

  @ParameterizedTest
  @CsvSource({"5, 7, true", "5, 7, false", "70, 66, true", "3, 130, true", "129, 2, false"})
  void tilesRoundLikeOneNumberAfterTheOther(int m, int n, boolean output) {
    Metric metric = metric(m, n, output);
    Tensor w = normal(5, m, n);
    WaterFilling rounding = WaterFilling.of(metric, m);
    double theta = 0.01;
    Tensor expected = Tensor.of(naive(w.toDoubles(), rounding, metric, theta), m, n);
    assertThat(distance(rounding.round(w, theta, 0).matrix(), expected)).isLessThan(1e-9);
  }

  @Test
  void levelsTimesStepsAreTheMatrix() {
    WaterFilling.Rounded rounded =
        WaterFilling.of(metric(6, 9, true), 6).round(normal(6, 6, 9), 0.02, 0.1);
    double[] v = rounded.matrix().toDoubles();
    for (int i = 0; i < 54; i++) {
      double step = rounded.rowSteps()[i / 9] * rounded.columnSteps()[i % 9];
      assertThat(v[i]).isCloseTo(rounded.levels()[i] * step, within(1e-12));
    }
  }

  /** The mean loss of a number is theta: N is uniform within its step. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void everyNumberLosesTheSame(boolean output) {
    int m = 60;
    int n = 80;
    Metric metric = metric(m, n, output);
    Tensor w = normal(7, m, n);
    double theta = 1e-4;
    Tensor e = WaterFilling.of(metric, m).round(w, theta, 0).matrix().sub(w);
    Tensor g = metric.output().map(Metric.Output::matrix).orElse(Tensor.eye(DType.F64, m));
    double loss = g.matmul(e).matmul(metric.covariance()).mul(e).sum().item();
    // 4800 uniform errors: their mean square has a relative deviation of 0.9 / sqrt(4800)
    assertThat(loss / (theta * m * n)).isCloseTo(1, within(0.06));
  }

  @Test
  void feedbackOfBothSidesLosesLessThanRoundingAloneInTheSameSteps() {
    int m = 40;
    int n = 50;
    Metric metric = metric(m, n, true);
    Tensor w = normal(8, m, n);
    WaterFilling.Rounded rounded = WaterFilling.of(metric, m).round(w, 0.01, 0);
    double[] plain = w.toDoubles();
    for (int i = 0; i < plain.length; i++) {
      double step = rounded.rowSteps()[i / n] * rounded.columnSteps()[i % n];
      plain[i] = step * Math.rint(plain[i] / step);
    }
    assertThat(metric.squaredError(w, rounded.matrix()))
        .isLessThan(0.5 * metric.squaredError(w, Tensor.of(plain, m, n)));
  }
}
