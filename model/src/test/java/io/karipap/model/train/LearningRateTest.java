package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {

  private static final LearningRate RATE = new LearningRate(0.8, 10, 110, 0.25);

  @Test
  void risesLinearlyToThePeak() {
    assertThat(RATE.at(1)).isCloseTo(0.08, within(1e-15));
    assertThat(RATE.at(5)).isCloseTo(0.4, within(1e-15));
    assertThat(RATE.at(10)).isEqualTo(0.8);
  }

  @Test
  void fallsAsACosineToItsFraction() {
    // a quarter of the way cos is 1 / sqrt 2, half of the way 0, at the end -1
    assertThat(RATE.at(35)).isCloseTo(0.2 + 0.6 * (1 + Math.sqrt(0.5)) / 2, within(1e-14));
    assertThat(RATE.at(60)).isCloseTo(0.5, within(1e-14));
    assertThat(RATE.at(110)).isCloseTo(0.2, within(1e-14));
  }

  @Test
  void staysThereAfterTheLastStep() {
    assertThat(RATE.at(200)).isCloseTo(0.2, within(1e-14));
  }

  @Test
  void aRunThatIsAllWarmUpEndsAtThePeak() {
    assertThat(new LearningRate(1, 10, 10, 0).at(10)).isEqualTo(1);
  }
}
