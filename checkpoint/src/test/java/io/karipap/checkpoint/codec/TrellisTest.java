package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrellisTest {

  /** Ungerboeck's table I: h0(D) z0 + h1(D) z1 = 0, whatever the path. */
  @ParameterizedTest
  @CsvSource({
    "4, 5, 2",
    "8, 13, 4",
    "16, 23, 4",
    "32, 45, 10",
    "64, 103, 24",
    "128, 235, 126",
    "256, 515, 362"
  })
  void everyPathFulfilsTheParityCheck(int states, String octal0, String octal1) {
    Trellis trellis = Trellis.of(states);
    int h0 = Integer.parseInt(octal0, 8);
    int h1 = Integer.parseInt(octal1, 8);
    Random random = new Random(states);
    int[] z0 = new int[500];
    int[] z1 = new int[500];
    int state = random.nextInt(states);
    for (int t = 0; t < z0.length; t++) {
      int k = random.nextInt(21) - 10;
      z0[t] = trellis.quantizer(state);
      z1[t] = Math.floorMod(k, 2);
      state = trellis.next(state, k);
    }
    int memory = Integer.numberOfTrailingZeros(states);
    for (int t = memory; t < z0.length; t++) {
      int sum = 0;
      for (int i = 0; i <= memory; i++) {
        sum ^= (h0 >> i & 1) * z0[t - i] ^ (h1 >> i & 1) * z1[t - i];
      }
      assertThat(sum).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 32, 256})
  void everyStateHasTwoWaysInAndTwoWaysOut(int states) {
    Trellis trellis = Trellis.of(states);
    int[] in = new int[states];
    for (int state = 0; state < states; state++) {
      assertThat(trellis.next(state, 0)).isNotEqualTo(trellis.next(state, 1));
      in[trellis.next(state, 0)]++;
      in[trellis.next(state, 1)]++;
    }
    assertThat(in).containsOnly(2);
  }

  @Test
  void theTwoQuantizersShareZeroAndCoverTheIntegersTogether() {
    Trellis trellis = Trellis.of(8);
    assertThat(IntStream.rangeClosed(-2, 2).map(k -> trellis.level(0, k)))
        .containsExactly(-4, -2, 0, 2, 4);
    assertThat(IntStream.rangeClosed(-2, 2).map(k -> trellis.level(1, k)))
        .containsExactly(-3, -1, 0, 1, 3);
    assertThat(Trellis.none().level(0, -3)).isEqualTo(-3);
  }

  @Test
  void unknownSizesAreRefused() {
    assertThatThrownBy(() -> Trellis.of(12))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 12");
  }
}
