package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogScalesTest {

  private static final double[] VALUES = {1e-3, 0.5, 0.013, 7, 0.25};

  /** Between 1e-3 and 7 are 12.8 octaves: a 255th of them is 3.5 percent. */
  @Test
  void numbersAreNearTheirGridAndItsEndsAreExact() {
    double[] near = LogScales.of(VALUES).values();
    assertThat(near[0]).isCloseTo(1e-3, within(1e-9));
    assertThat(near[3]).isCloseTo(7, within(1e-5));
    for (int i = 0; i < VALUES.length; i++) {
      assertThat(near[i] / VALUES[i]).isCloseTo(1, within(0.0177));
    }
  }

  @Test
  void numbersOnTheGridStayWhatTheyAre() {
    LogScales scales = LogScales.of(VALUES);
    assertThat(LogScales.of(scales.values()).codes()).isEqualTo(scales.codes());
    assertThat(LogScales.of(new double[] {3, 3, 3}).values())
        .containsExactly(new double[] {3, 3, 3}, within(1e-6));
  }

  @Test
  void bytesAreReadBack() {
    LogScales scales = LogScales.of(VALUES);
    ByteBuffer bytes = ByteBuffer.allocate(LogScales.bytes(VALUES.length));
    scales.write(bytes);
    assertThat(bytes.remaining()).isZero();
    assertThat(LogScales.read(bytes.flip(), VALUES.length).values()).isEqualTo(scales.values());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e9f})
  void gridsThatAreNoNumbersAreRefused(float base) {
    ByteBuffer bytes = ByteBuffer.allocate(LogScales.bytes(1));
    new LogScales(base, 0, new byte[1]).write(bytes);
    assertThatThrownBy(() -> LogScales.read(bytes.flip(), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("damaged");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, 1e300})
  void onlyPositiveNumbersAreScales(double value) {
    assertThatThrownBy(() -> LogScales.of(new double[] {1, value}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("positive");
  }
}
