package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.codec.Trellis;
import org.junit.jupiter.api.Test;

class GaussianLengthsTest {

  /**
   * An integer near zero has the probability 1 / (sigma sqrt(2 pi)); there are 1500 either side.
   */
  @Test
  void largeNumbersCostWhatTheirDensitySays() {
    double[] bits = GaussianLengths.SCALAR.of(8, 0);
    int zero = CodeLengths.largest(Trellis.none());
    double mean = (bits[zero - 1] + bits[zero] + bits[zero + 1]) / 3;
    assertThat(mean).isCloseTo(Math.log(8 * Math.sqrt(2 * Math.PI)) / Math.log(2), within(0.2));
    assertThat(bits[zero + 20]).isGreaterThan(bits[zero] + 2);
  }

  @Test
  void theyAreSymmetricAndKraftHolds() {
    for (double deviation : new double[] {0, 0.3, 1, 5, 1e4}) {
      for (int quantizer = 0; quantizer < 2; quantizer++) {
        double[] bits = GaussianLengths.TRELLIS.of(deviation, quantizer);
        double sum = 0;
        for (int i = 0; i < bits.length; i++) {
          assertThat(bits[i]).isEqualTo(bits[bits.length - 1 - i]);
          sum += Math.pow(2, -bits[i]);
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
      }
    }
  }

  /** Numbers much smaller than a step are all rounded to zero, which costs next to nothing. */
  @Test
  void smallNumbersAreZero() {
    double[] bits = GaussianLengths.SCALAR.of(0.01, 0);
    assertThat(bits[CodeLengths.largest(Trellis.none())]).isLessThan(0.1);
  }
}
