package io.karipap.compress.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankCorrelationTest {

  /** Without ties rho = 1 - 6 sum d^2 / (n (n^2 - 1)). */
  @Test
  void isSpearmansRho() {
    double[] a = {106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
    double[] b = {7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
    // the squares of the differences of the ranks add up to 194
    assertThat(RankCorrelation.of(a, b)).isCloseTo(1 - 6 * 194.0 / 990, within(1e-12));
    assertThat(RankCorrelation.of(a, a)).isCloseTo(1, within(1e-12));
  }

  @Test
  void equalValuesShareTheMeanOfTheirRanks() {
    // ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5
    assertThat(RankCorrelation.of(new double[] {1, 5, 5, 9}, new double[] {-2, 0, 4, 5}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
  }
}
