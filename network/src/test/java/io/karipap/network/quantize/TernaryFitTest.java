package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TernaryFitTest {

  /** Least squares over all 3^n patterns, the two unknowns by Cramer's rule. */
  private static double bruteForce(double[] w, double[] weights) {
    double best = Double.POSITIVE_INFINITY;
    for (int code = 0; code < Math.pow(3, w.length); code++) {
      double[] t = new double[w.length];
      int rest = code;
      for (int i = 0; i < t.length; i++) {
        t[i] = rest % 3 - 1;
        rest /= 3;
      }
      double s = 0;
      double st = 0;
      double stt = 0;
      double sw = 0;
      double stw = 0;
      for (int i = 0; i < t.length; i++) {
        s += weights[i];
        st += weights[i] * t[i];
        stt += weights[i] * t[i] * t[i];
        sw += weights[i] * w[i];
        stw += weights[i] * t[i] * w[i];
      }
      double determinant = s * stt - st * st;
      double alpha = determinant < 1e-9 ? 0 : (s * stw - st * sw) / determinant;
      double mu = (sw - alpha * st) / s;
      double loss = 0;
      for (int i = 0; i < t.length; i++) {
        loss += weights[i] * Math.pow(w[i] - alpha * t[i] - mu, 2);
      }
      best = Math.min(best, loss);
    }
    return best;
  }

  private static double loss(TernaryFit fit, double[] w, double[] weights) {
    return new GroupQuantizer(new double[] {-1, 0, 1}, fit.scale(), 0, fit.shift())
        .loss(w, weights);
  }

  @Test
  void isTheBestOfAllPatterns() {
    Random random = new Random(1);
    for (int trial = 0; trial < 60; trial++) {
      int n = 1 + trial % 7;
      double[] w = random.doubles(n, -1, 2).toArray();
      double[] weights = random.doubles(n, 0.1, 3).toArray();
      double expected = bruteForce(w, weights);
      assertThat(loss(TernaryFit.of(w, weights), w, weights)).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void findsTernaryNumbersAboutTheirMean() {
    double[] w = {0.5, 2, -1, 2, 0.5, -1, 2};
    TernaryFit fit = TernaryFit.of(w, new double[] {1, 1, 1, 1, 1, 1, 1});
    assertThat(fit.scale()).isCloseTo(1.5, within(1e-12));
    assertThat(fit.shift()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void theShiftIsTheMeanOfWhatTheTernaryPartLeaves() {
    double[] w = new Random(5).doubles(40, -1, 3).toArray();
    double[] ones = new double[40];
    Arrays.fill(ones, 1);
    TernaryFit fit = TernaryFit.of(w, ones);
    GroupQuantizer grid = new GroupQuantizer(new double[] {-1, 0, 1}, fit.scale(), 0, fit.shift());
    double mean =
        Arrays.stream(w).map(x -> x - fit.scale() * (grid.code(x) - 1)).average().orElseThrow();
    assertThat(fit.shift()).isCloseTo(mean, within(1e-12));
  }

  @Test
  void weightsOfNoughtCountAsEqual() {
    double[] w = {1, 2, 3};
    TernaryFit fit = TernaryFit.of(w, new double[3]);
    assertThat(loss(fit, w, new double[] {1, 1, 1})).isCloseTo(0, within(1e-12));
  }

  @Test
  void refusesLongGroups() {
    double[] w = new double[TernaryFit.LARGEST + 1];
    assertThatThrownBy(() -> TernaryFit.of(w, w)).hasMessageContaining("at most 1024");
  }
}
