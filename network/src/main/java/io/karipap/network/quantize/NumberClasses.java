package io.karipap.network.quantize;

import java.util.Arrays;

/**
 * Classes of the numbers of a matrix by how large they are in units of their steps: a number's
 * class is that of its row plus that of its column, and each class has code lengths of its own.
 * Numbers of one row, or of one column, are alike; so a class is what a row's and a column's mean
 * magnitude predict, in half octaves.
 *
 * @param rows class of each row, from 0 on
 * @param columns class of each column, from 0 on
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record NumberClasses(int[] rows, int[] columns) {

  /** Classes of rows, and of columns, at most. */
  public static final int MOST = 12;

  private static final double PER_OCTAVE = 2;
  private static final double LN_2 = Math.log(2);

  /**
   * The classes of a matrix.
   *
   * @param levels in units of their steps, row-major [m, n]
   */
  public static NumberClasses of(byte[] levels, int m, int n) {
    double[] rows = new double[m];
    double[] columns = new double[n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int magnitude = Math.abs(levels[i * n + j]);
        rows[i] += magnitude;
        columns[j] += magnitude;
      }
    }
    return new NumberClasses(classes(rows), classes(columns));
  }

  /**
   * The classes of numbers whose magnitudes are products of a row's and a column's.
   *
   * @param rows and columns: positive
   */
  static NumberClasses ofSpreads(double[] rows, double[] columns) {
    return new NumberClasses(classes(rows), classes(columns));
  }

  /** What numbers are expected to be, this many classes below the largest, relative to it. */
  static double factor(int below) {
    return Math.pow(2, -below / PER_OCTAVE);
  }

  /** The class of a number. */
  public int of(int row, int column) {
    return rows[row] + columns[column];
  }

  /** Logarithms in half octaves below the largest; all that are smaller still are class 0. */
  private static int[] classes(double[] magnitudes) {
    double largest = Arrays.stream(magnitudes).max().orElse(0);
    if (largest == 0) {
      return new int[magnitudes.length];
    }
    int[] below =
        Arrays.stream(magnitudes)
            // of zero it is infinite, and so among the smallest
            .map(x -> Math.rint(PER_OCTAVE * Math.log(largest / x) / LN_2))
            .mapToInt(octaves -> (int) Math.min(MOST - 1, octaves))
            .toArray();
    int most = Arrays.stream(below).max().orElse(0);
    return Arrays.stream(below).map(b -> most - b).toArray();
  }

  /** Number of classes that a number may have. */
  public int count() {
    return 1 + Arrays.stream(rows).max().orElse(0) + Arrays.stream(columns).max().orElse(0);
  }
}
