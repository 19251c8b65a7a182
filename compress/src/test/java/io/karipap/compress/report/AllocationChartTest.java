package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AllocationChartTest {

  @Test
  void ticksAreRoundAndNeitherFewNorMany() {
    assertThat(AllocationChart.step(13)).isCloseTo(2, within(1e-9));
    assertThat(AllocationChart.step(0.9)).isCloseTo(0.2, within(1e-9));
    assertThat(AllocationChart.step(0.017)).isCloseTo(0.005, within(1e-9));
    for (double top = 1e-9; top < 1e4; top *= 1.1) {
      assertThat(top / AllocationChart.step(top)).as("%s", top).isBetween(2.999, 7.501);
    }
  }
}
