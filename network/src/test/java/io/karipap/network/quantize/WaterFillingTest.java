package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaterFillingTest extends NetworkTest {

  private static Tensor spd(long seed, int n) {
    Tensor a = normal(seed, n, n);
    return a.matmul(a.transpose()).mul(1.0 / n).add(Tensor.eye(DType.F64, n).mul(0.05));
  }

  private static Metric metric(int m, int n, boolean output) {
    Metric inputs = Metric.of(spd(3, n));
    return output ? inputs.withOutput(spd(4, m)) : inputs;
  }

  /** Indices that all cost nothing: the path is the one of least loss. */
  private static CodeLengths free(Trellis trellis, int m, int n) {
    double[][] bits = new double[trellis.quantizers()][2 * CodeLengths.largest(trellis) + 1];
    return new CodeLengths(trellis, new NumberClasses(new int[m], new int[n]), bits);
  }

  private static double[] steps(double squared, double[] weights) {
    return Arrays.stream(weights).map(d -> Math.sqrt(squared / d)).toArray();
  }

  /** Number after number, each sum over all errors behind it written out. */
  private static double[] naive(
      double[] w, double[] rowSteps, double[] columnSteps, Metric metric) {
    int m = rowSteps.length;
    int n = columnSteps.length;
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
        double step = rowSteps[i] * columnSteps[j];
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
    double[] rows = steps(0.12, rounding.rowWeights());
    double[] columns = steps(1, rounding.columnWeights());
    Tensor expected = Tensor.of(naive(w.toDoubles(), rows, columns, metric), m, n);
    Tensor v = rounding.round(w, rows, columns, free(Trellis.none(), m, n)).matrix();
    assertThat(distance(v, expected)).isLessThan(1e-9);
  }

  /** Of all paths of a column, the one of least loss: tried one by one. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aTrellisTakesTheBestOfAllPathsWhereRowsAreNotTied(boolean weighted) {
    int m = 4;
    Trellis trellis = Trellis.of(8);
    Tensor w = normal(9, m, 1);
    double[] weights = weighted ? new double[] {1, 4, 0.25, 9} : new double[] {1, 1, 1, 1};
    WaterFilling rounding = WaterFilling.ofRows(Metric.identity(1), weights);
    double[] rows = steps(0.5, weights);
    double loss = loss(rounding.round(w, rows, new double[] {1}, free(trellis, m, 1)), w, weights);
    double least = Double.POSITIVE_INFINITY;
    int side = 7; // indices -3 to 3
    for (int code = 0; code < Math.pow(side, m); code++) {
      int state = 0;
      double sum = 0;
      int rest = code;
      for (int i = m - 1; i >= 0; i--) {
        int k = rest % side - 3;
        rest /= side;
        double error = rows[i] * trellis.level(trellis.quantizer(state), k) - w.toDoubles()[i];
        sum += weights[i] * error * error;
        state = trellis.next(state, k);
      }
      least = Math.min(least, sum);
    }
    assertThat(loss).isCloseTo(least, within(1e-5 * least));
  }

  private static double loss(WaterFilling.Rounded rounded, Tensor w, double[] weights) {
    double[] e = rounded.matrix().sub(w).toDoubles();
    double sum = 0;
    for (int i = 0; i < e.length; i++) {
      sum += weights[i] * e[i] * e[i];
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 32})
  void levelsTimesStepsAreTheMatrixAndTheIntegersThatAreStored(int states) {
    int m = 70;
    int n = 9;
    WaterFilling.Rounded rounded =
        WaterFilling.of(metric(m, n, true), m).round(normal(6, m, n), 0.02, Trellis.of(states));
    double[] v = rounded.matrix().toDoubles();
    for (int i = 0; i < v.length; i++) {
      double step = rounded.rowSteps()[i / n] * rounded.columnSteps()[i % n];
      assertThat(v[i]).isCloseTo(rounded.levels()[i] * step, within(1e-12));
    }
    ScaledIntegers integers = rounded.integers();
    assertThat(CodedIntegers.decode(integers.stream(), m, n)).isEqualTo(rounded.levels());
    assertThat(distance(integers.values(), rounded.matrix())).isLessThan(1e-5);
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
    Tensor e = WaterFilling.of(metric, m).round(w, theta, Trellis.none()).matrix().sub(w);
    Tensor g = metric.output().map(Metric.Output::matrix).orElse(Tensor.eye(DType.F64, m));
    double loss = g.matmul(e).matmul(metric.covariance()).mul(e).sum().item();
    // 4800 uniform errors: their mean square has a relative deviation of 0.9 / sqrt(4800); what
    // an index costs makes errors a little larger
    assertThat(loss / (theta * m * n)).isBetween(0.94, 1.15);
  }

  @Test
  void feedbackOfBothSidesLosesLessThanRoundingAloneInTheSameSteps() {
    int m = 40;
    int n = 50;
    Metric metric = metric(m, n, true);
    Tensor w = normal(8, m, n);
    WaterFilling.Rounded rounded = WaterFilling.of(metric, m).round(w, 0.01, Trellis.none());
    double[] plain = w.toDoubles();
    for (int i = 0; i < plain.length; i++) {
      double step = rounded.rowSteps()[i / n] * rounded.columnSteps()[i % n];
      plain[i] = step * Math.rint(plain[i] / step);
    }
    assertThat(metric.squaredError(w, rounded.matrix()))
        .isLessThan(0.5 * metric.squaredError(w, Tensor.of(plain, m, n)));
  }

  /** A row whose numbers are no bytes in its step gets a larger one. */
  @Test
  void integersStayBytes() {
    Tensor w = Tensor.of(new double[] {1, -2, 1000, -1000}, 2, 2);
    byte[] levels =
        WaterFilling.of(Metric.identity(2), 2).round(w, 1.0 / 12, Trellis.none()).levels();
    assertThat(levels).containsExactly(1, -2, 120, -120);
  }
}
