package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.codec.Trellis;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrellisQuantizerTest {

  private static final int LARGEST = 63;

  private static double bits(int position, int quantizer, int k) {
    return 1 + 0.1 * (position % 3) + 0.3 * quantizer + 1.1 * Math.abs(k);
  }

  private static double cost(Trellis trellis, double[] x, int[] k, double lambda) {
    int state = 0;
    double cost = 0;
    for (int t = 0; t < x.length; t++) {
      int quantizer = trellis.quantizer(state);
      cost +=
          Math.pow(x[t] - trellis.level(quantizer, k[t]), 2) + lambda * bits(t, quantizer, k[t]);
      state = trellis.next(state, k[t]);
    }
    return cost;
  }

  /** The least cost of all sequences of indices from -2 to 2. */
  private static double least(Trellis trellis, double[] x, double lambda) {
    double best = Double.POSITIVE_INFINITY;
    for (int number = 0; number < Math.pow(5, x.length); number++) {
      int[] k = new int[x.length];
      for (int t = 0, rest = number; t < x.length; t++, rest /= 5) {
        k[t] = rest % 5 - 2;
      }
      best = Math.min(best, cost(trellis, x, k, lambda));
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8, 32})
  void findsTheBestOfAllSequences(int states) {
    Trellis trellis = Trellis.of(states);
    Random random = new Random(states);
    for (double lambda : new double[] {0, 0.3, 2}) {
      double[] x = random.doubles(7, -2, 2).toArray();
      int[] k = new TrellisQuantizer(trellis, 2).quantize(x, lambda, TrellisQuantizerTest::bits);
      assertThat(cost(trellis, x, k, lambda)).isCloseTo(least(trellis, x, lambda), within(1e-12));
    }
  }

  @Test
  void largeNumbersGetTheLargestIndex() {
    int[] k =
        new TrellisQuantizer(Trellis.none(), 3)
            .quantize(new double[] {100, -100}, 0, (_, _, _) -> 0);
    assertThat(k).containsExactly(3, -3);
  }

  /**
   * Mean squared error on a unit Gaussian source with an ideal entropy coder, by rate. A uniform
   * quantizer of the best dead zone: Max 1960 and later; trellises of 8 and 256 states: within 0.5
   * and 0.25 dB of the rate-distortion bound (Fischer and Wang 1992).
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 0.3483", "1, 1.5, 0.1777", "1, 2, 0.0889", "1, 3, 0.0222",
    "8, 1, 0.2965", "8, 1.5, 0.1461", "8, 2, 0.0721", "8, 3, 0.0175",
    "256, 1, 0.2760", "256, 1.5, 0.1376", "256, 2, 0.0682", "256, 3, 0.0166"
  })
  void reachesThePublishedErrorOfAGaussianSource(int states, double rate, double published) {
    double[] x = gaussian(states == 256 ? 6_000 : 20_000);
    Trellis trellis = Trellis.of(states);
    EntropyConstrained.Coded coded =
        new EntropyConstrained(trellis, states == 1 ? 0.08 : 0.4, LARGEST).ofRate(rate, x);
    // a bit more or less changes the error by a factor of four
    double error = coded.error() * Math.pow(4, coded.rate() - rate);
    assertThat(coded.rate()).isCloseTo(rate, within(0.05));
    assertThat(error / published).isLessThan(1.02);
  }

  /** Numbers of a unit normal distribution in random order, the quantiles in equal distances. */
  private static double[] gaussian(int count) {
    double[] x = new double[count];
    Random random = new Random(5);
    for (int i = 0; i < count; i++) {
      x[i] = quantile((i + 0.5) / count);
      int j = random.nextInt(i + 1);
      double other = x[j];
      x[j] = x[i];
      x[i] = other;
    }
    return x;
  }

  /** The inverse of the normal distribution by bisection of its integral (Marsaglia's series). */
  private static double quantile(double p) {
    double low = -8;
    double high = 8;
    while (high - low > 1e-9) {
      double x = (low + high) / 2;
      double term = x;
      double sum = x;
      for (int i = 3; Math.abs(term) > 1e-16; i += 2) {
        term *= x * x / i;
        sum += term;
      }
      if (0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) < p) {
        low = x;
      } else {
        high = x;
      }
    }
    return (low + high) / 2;
  }
}
