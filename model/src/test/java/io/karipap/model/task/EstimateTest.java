package io.karipap.model.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EstimateTest {

  @Test
  void standardErrorOfAShareIsThatOfBernoulliTrials() {
    Estimate share = Estimate.mean(1, 0, 0, 1, 1);
    assertThat(share.value()).isCloseTo(0.6, within(1e-15));
    // p (1 - p) / (n - 1), the unbiased estimate
    assertThat(share.standardError()).isCloseTo(Math.sqrt(0.6 * 0.4 / 4), within(1e-15));
  }

  @Test
  void standardErrorOfNumbersIsThatByHand() {
    // 2 4 9: mean 5, squares 9 + 1 + 16 = 26, variance 13, error sqrt(13 / 3)
    Estimate mean = Estimate.mean(2, 4, 9);
    assertThat(mean.value()).isEqualTo(5);
    assertThat(mean.standardError()).isCloseTo(Math.sqrt(13.0 / 3), within(1e-15));
  }

  @Test
  void aSingleValueHasNoStandardError() {
    assertThat(Estimate.mean(0.5).value()).isEqualTo(0.5);
    assertThat(Estimate.mean(0.5).standardError()).isNaN();
  }
}
