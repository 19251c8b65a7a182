package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NumberClassesTest {

  /** Rows and columns whose magnitudes are powers of two: two classes an octave. */
  @Test
  void classesAreHalfOctavesOfRowsAndColumns() {
    byte[] levels = {
      1, 4, 16,
      2, 8, 32,
      4, 16, 64
    };
    NumberClasses classes = NumberClasses.of(levels, 3, 3);
    assertThat(classes.rows()).containsExactly(0, 2, 4);
    assertThat(classes.columns()).containsExactly(0, 4, 8);
    assertThat(classes.count()).isEqualTo(13);
  }

  @Test
  void rowsOfZerosAreTheLowestClass() {
    NumberClasses classes = NumberClasses.of(new byte[] {0, 0, 5, -5}, 2, 2);
    assertThat(classes.rows()).containsExactly(0, NumberClasses.MOST - 1);
    assertThat(NumberClasses.of(new byte[4], 2, 2).count()).isEqualTo(1);
  }

  /** Numbers of one class are alike: their code lengths are better than one table for all. */
  @Test
  void codeLengthsByClassAreShorter() {
    Random random = new Random(1);
    int m = 64;
    int n = 64;
    byte[] levels = new byte[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        levels[i * n + j] =
            (byte) Math.rint(random.nextGaussian() * Math.pow(2, i % 4) * Math.pow(2, j % 3) / 2);
      }
    }
    NumberClasses classes = NumberClasses.of(levels, m, n);
    double one = entropy(levels, new int[m], new int[n], 1);
    double several = entropy(levels, classes.rows(), classes.columns(), classes.count());
    assertThat(several).isLessThan(one - 0.2 * m * n);
  }

  private static double entropy(byte[] levels, int[] rows, int[] columns, int classes) {
    double[][] counts = new double[classes][512];
    double[] totals = new double[classes];
    for (int at = 0; at < levels.length; at++) {
      int c = rows[at / columns.length] + columns[at % columns.length];
      counts[c][levels[at] + 256]++;
      totals[c]++;
    }
    double bits = 0;
    for (int c = 0; c < classes; c++) {
      for (double count : counts[c]) {
        bits -= count == 0 ? 0 : count * Math.log(count / totals[c]) / Math.log(2);
      }
    }
    return bits;
  }
}
