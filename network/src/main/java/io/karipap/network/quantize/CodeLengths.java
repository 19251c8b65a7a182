package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.Trellis;
import java.util.Arrays;

/**
 * Bits that an entropy coder is expected to spend on the index of each number of a matrix.
 *
 * @param trellis whose indices they are
 * @param classes of the numbers
 * @param bits by context (class times the trellis' quantizers, plus quantizer) and index + {@link
 *     #largest}
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record CodeLengths(Trellis trellis, NumberClasses classes, double[][] bits) {

  /** Count of an index that has not come up, so that it may yet. */
  private static final double UNSEEN = 0.05;

  /** Deviation and probability that no number falls below. */
  private static final double LEAST = 1e-3;

  private static final double RAREST = 1e-9;

  /** The largest magnitude of an index whose level is a byte. */
  static int largest(Trellis trellis) {
    return Byte.MAX_VALUE / trellis.quantizers();
  }

  /**
   * What numbers of known spreads are expected to need: logistic ones, whose distribution function
   * is a short formula and whose tails are heavier than a normal distribution's.
   *
   * @param rows root mean square of each row, in steps of the row
   * @param columns the same of each column, relative to the mean of all
   */
  static CodeLengths predicted(Trellis trellis, double[] rows, double[] columns) {
    NumberClasses classes = NumberClasses.ofSpreads(rows, columns);
    double most = Arrays.stream(rows).max().orElse(0) * Arrays.stream(columns).max().orElse(0);
    int quantizers = trellis.quantizers();
    double[][] bits = new double[classes.count() * quantizers][];
    for (int context = 0; context < bits.length; context++) {
      double spread = most * NumberClasses.factor(classes.count() - 1 - context / quantizers);
      bits[context] = logistic(Math.max(spread, LEAST) / quantizers, largest(trellis));
    }
    return new CodeLengths(trellis, classes, bits);
  }

  /** Code lengths of integers that logistic numbers of a standard deviation are rounded to. */
  private static double[] logistic(double deviation, int largest) {
    double scale = deviation * Math.sqrt(3) / Math.PI;
    double[] bits = new double[2 * largest + 1];
    for (int k = 0; k <= largest; k++) {
      // P(k - 1/2 < x < k + 1/2), from the tail, where nothing cancels
      double upper = 1 / (1 + Math.exp((k - 0.5) / scale));
      double above = 1 / (1 + Math.exp((k + 0.5) / scale));
      double length = -Math.log(Math.max(upper - above, RAREST)) / Math.log(2);
      bits[largest + k] = length;
      bits[largest - k] = length;
    }
    return bits;
  }

  /** Those of an ideal code for indices, row-major. */
  static CodeLengths of(Trellis trellis, byte[] indices, NumberClasses classes) {
    int m = classes.rows().length;
    int n = classes.columns().length;
    int quantizers = trellis.quantizers();
    int largest = largest(trellis);
    double[][] bits = new double[classes.count() * quantizers][2 * largest + 1];
    for (int j = 0; j < n; j++) {
      int state = 0;
      for (int i = m - 1; i >= 0; i--) {
        int k = indices[i * n + j];
        bits[classes.of(i, j) * quantizers + trellis.quantizer(state)][k + largest]++;
        state = trellis.next(state, k);
      }
    }
    for (double[] row : bits) {
      double total = Arrays.stream(row).sum() + UNSEEN * row.length;
      for (int i = 0; i < row.length; i++) {
        row[i] = -Math.log((row[i] + UNSEEN) / total) / Math.log(2);
      }
    }
    return new CodeLengths(trellis, classes, bits);
  }

  /** Bits of the indices of a number, by index + {@link #largest}. */
  double[] of(int row, int column, int quantizer) {
    return bits[classes.of(row, column) * trellis.quantizers() + quantizer];
  }
}
