package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexCoderTest {

  private static final int CLASSES = 5;

  /** Random indices whose spread grows with their class, and the coder for them. */
  private static final class Case {
    final Trellis trellis;
    final int[] rowClasses;
    final int[] columnClasses;
    final byte[] indices;
    final IndexCoder coder;
    final double entropy; // bits of all indices, each in its context

    Case(int states, int rows, int columns, double sigma, long seed) {
      Random random = new Random(seed);
      trellis = Trellis.of(states);
      rowClasses = random.ints(rows, 0, 3).toArray();
      columnClasses = random.ints(columns, 0, 3).toArray();
      indices = new byte[rows * columns];
      long[][] counts = new long[CLASSES * trellis.quantizers()][256];
      for (int column = 0; column < columns; column++) {
        int state = 0;
        for (int row = rows - 1; row >= 0; row--) {
          int kind = rowClasses[row] + columnClasses[column];
          double x = random.nextGaussian() * sigma * Math.pow(1.5, kind - 2);
          int k = (int) Math.rint(Math.clamp(x, -63, 63));
          indices[row * columns + column] = (byte) k;
          int quantizer = trellis.quantizer(state);
          counts[kind * trellis.quantizers() + quantizer][k + 128]++;
          state = trellis.next(state, k);
        }
      }
      List<FrequencyTable> tables = new ArrayList<>();
      double bits = 0;
      for (long[] context : counts) {
        tables.add(FrequencyTable.of(context));
        double total = Arrays.stream(context).sum();
        for (long count : context) {
          bits -= count == 0 ? 0 : count * Math.log(count / total) / Math.log(2);
        }
      }
      entropy = bits;
      coder = new IndexCoder(trellis, tables);
    }

    char[] encode(int from, int to) {
      return coder.encode(indices, rowClasses, columnClasses, from, to);
    }

    byte[] decode(char[] stream, int from, int to) {
      byte[] levels = new byte[indices.length];
      coder.decode(stream, rowClasses, columnClasses, from, to, levels);
      return levels;
    }

    /** What the indices stand for, column by column. */
    byte[] levels() {
      byte[] levels = new byte[indices.length];
      for (int column = 0; column < columnClasses.length; column++) {
        int state = 0;
        for (int row = rowClasses.length - 1; row >= 0; row--) {
          int place = row * columnClasses.length + column;
          int quantizer = trellis.quantizer(state);
          levels[place] = (byte) trellis.level(quantizer, indices[place]);
          state = trellis.next(state, indices[place]);
        }
      }
      return levels;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "1, 64, 48, 2",
    "8, 33, 7, 0.3",
    "8, 5, 2, 20",
    "32, 100, 9, 1",
    "256, 64, 64, 1.5"
  })
  void decodesToTheLevelsThatWereCoded(int states, int rows, int columns, double sigma) {
    Case c = new Case(states, rows, columns, sigma, 7);
    assertThat(c.decode(c.encode(0, columns), 0, columns)).isEqualTo(c.levels());
  }

  @Test
  void everyRunOfFourColumnsIsAStreamOfItsOwn() {
    Case c = new Case(8, 50, 22, 1, 8);
    byte[] levels = new byte[c.indices.length];
    for (int from = 20; from >= 0; from -= 4) { // in any order
      int to = Math.min(22, from + 4);
      c.coder.decode(c.encode(from, to), c.rowClasses, c.columnClasses, from, to, levels);
    }
    assertThat(levels).isEqualTo(c.levels());
  }

  @ParameterizedTest
  @CsvSource({"1, 0.5", "1, 2", "8, 0.5", "8, 2", "8, 12"})
  void codesWithinTwoHundredthsOfABitOfTheEntropy(int states, double sigma) {
    Case c = new Case(states, 512, 512, sigma, 9);
    double numbers = c.indices.length;
    double bits = 16.0 * c.encode(0, 512).length;
    assertThat(bits / numbers).isBetween(c.entropy / numbers, c.entropy / numbers + 0.02);
  }

  @Test
  void indicesThatWereNeverCountedEscape() {
    Case c = new Case(8, 20, 4, 1, 10);
    c.indices[17] = 63;
    c.indices[40] = -63;
    assertThat(c.decode(c.encode(0, 4), 0, 4)).isEqualTo(c.levels());
  }

  /**
   * The coder's state is a check sum of sorts: what it lets pass would have to end in it by chance.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void damagedStreamsGiveAnErrorOrOtherNumbersButNothingElse(int states) {
    Case c = new Case(states, 40, 10, 2, 11);
    char[] stream = c.encode(0, 10);
    Random random = new Random(12);
    int noticed = 0;
    for (int i = 0; i < 2000; i++) {
      char[] damaged =
          switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(stream, random.nextInt(stream.length));
            case 1 -> Arrays.copyOf(stream, stream.length + 1 + random.nextInt(9));
            default -> stream.clone();
          };
      if (damaged.length == stream.length) {
        damaged[random.nextInt(damaged.length)] ^= (char) (1 + random.nextInt(65535));
      }
      try {
        var _ = c.decode(damaged, 0, 10);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining("damaged");
        noticed++;
      }
    }
    assertThat(noticed).isGreaterThan(1990);
  }

  @Test
  void whatCannotBeCodedIsRefused() {
    Case c = new Case(8, 4, 4, 1, 13);
    c.indices[3] = 64; // its level would be 128
    assertThatThrownBy(() -> c.encode(0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-63 to 63");
    Case other = new Case(8, 4, 4, 1, 14);
    other.rowClasses[0] = 4;
    other.columnClasses[0] = 1;
    assertThatThrownBy(() -> other.encode(0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("classes");
  }
}
