package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ReverseWaterFillingTest {

  private static ReverseWaterFilling of(double... variances) {
    ReverseWaterFilling filling = new ReverseWaterFilling();
    for (double v : variances) {
      filling.add(v);
    }
    return filling;
  }

  @Test
  void aNumberOfUnitVarianceNeedsTwoBitsForASixteenth() {
    assertThat(of(1).bitsOf(1 / 16.0)).isCloseTo(2, within(1e-6));
  }

  /** Above the water: 16 and 4 at theta 1 need 2 and 1 bits; 0.25 stays below and costs itself. */
  @Test
  void smallNumbersStayUnderTheWater() {
    ReverseWaterFilling filling = of(16, 4, 0.25, 0);
    assertThat(filling.bits(1)).isCloseTo(3, within(1e-12));
    assertThat(filling.distortion(1)).isCloseTo(2.25, within(1e-12));
    assertThat(filling.bitsOf(2.25)).isCloseTo(3, within(1e-6));
  }

  @Test
  void noBitsForAllOfTheVariance() {
    assertThat(of(3, 5).bitsOf(8)).isCloseTo(0, within(1e-6));
  }

  /** Bins against the exact sums. */
  @Test
  void manyNumbersAreAddedUpToAThousandth() {
    Random random = new Random(3);
    double theta = 0.01;
    double bits = 0;
    double distortion = 0;
    ReverseWaterFilling first = of();
    ReverseWaterFilling second = of();
    for (int i = 0; i < 1000; i++) {
      double v = Math.pow(10, random.nextDouble(-6, 3));
      (i % 2 == 0 ? first : second).add(v);
      bits += Math.max(0, Math.log(v / theta) / Math.log(2) / 2);
      distortion += Math.min(theta, v);
    }
    first.addAll(second);
    assertThat(first.bits(theta) / bits).isCloseTo(1, within(1e-3));
    assertThat(first.distortion(theta) / distortion).isCloseTo(1, within(1e-3));
    assertThat(first.bitsOf(distortion) / bits).isCloseTo(1, within(2e-3));
  }
}
