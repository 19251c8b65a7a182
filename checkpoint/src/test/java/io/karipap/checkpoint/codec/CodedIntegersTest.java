package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodedIntegersTest {

  @SuppressWarnings("ArrayRecordComponent") // compared with nothing
  private record Case(
      Trellis trellis, byte[] indices, int[] rowClasses, int[] columnClasses, byte[] levels) {

    static Case of(int states, int rows, int columns, double sigma) {
      Random random = new Random(rows + 31L * columns);
      Trellis trellis = Trellis.of(states);
      int[] rowClasses = random.ints(rows, 0, CodedIntegers.CLASSES).toArray();
      int[] columnClasses = random.ints(columns, 0, 4).toArray();
      byte[] indices = new byte[rows * columns];
      byte[] levels = new byte[rows * columns];
      for (int column = 0; column < columns; column++) {
        int state = 0;
        for (int row = rows - 1; row >= 0; row--) {
          int at = row * columns + column;
          indices[at] = (byte) Math.rint(Math.clamp(sigma * random.nextGaussian(), -63, 63));
          levels[at] = (byte) trellis.level(trellis.quantizer(state), indices[at]);
          state = trellis.next(state, indices[at]);
        }
      }
      return new Case(trellis, indices, rowClasses, columnClasses, levels);
    }

    byte[] encoded() {
      return CodedIntegers.encode(trellis, indices, rowClasses, columnClasses);
    }
  }

  /** One column, more columns than a stream has, rows longer than a stream, all zero. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 3",
    "8, 1, 9, 1",
    "8, 300, 700, 1.5",
    "32, 70000, 6, 0.7",
    "256, 40, 33, 12",
    "8, 64, 64, 0"
  })
  void decodesToTheLevels(int states, int rows, int columns, double sigma) {
    Case c = Case.of(states, rows, columns, sigma);
    assertThat(CodedIntegers.decode(c.encoded(), rows, columns)).isEqualTo(c.levels());
  }

  /** Any byte that is changed, and any end that is missing, is noticed or gives some levels. */
  @Test
  void damagedBytesGetOneClearErrorOrDecode() {
    Case c = Case.of(8, 60, 50, 1);
    byte[] good = c.encoded();
    Random random = new Random(5);
    int noticed = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bad = good.clone();
      if (round % 3 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        bad[random.nextInt(round % 3 == 1 ? 80 : bad.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(CodedIntegers.decode(bad, 60, 50)).hasSize(3000);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining("damaged").hasMessageContaining("again");
        noticed++;
      }
    }
    // a changed class of a row, or one that is the same byte again, may give other levels
    assertThat(noticed).isGreaterThan(1500);
  }

  @Test
  void bytesOfAnotherShapeAreRefused() {
    byte[] bytes = Case.of(8, 60, 50, 1).encoded();
    assertThatThrownBy(() -> CodedIntegers.decode(bytes, 61, 50))
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> CodedIntegers.decode(bytes, 60, 2000))
        .isInstanceOf(CheckpointException.class);
  }
}
