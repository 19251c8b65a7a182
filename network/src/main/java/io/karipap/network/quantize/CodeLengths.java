package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.CodedIntegers;
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

  /** The largest magnitude of an index whose level is a byte. */
  static int largest(Trellis trellis) {
    return Byte.MAX_VALUE / trellis.quantizers();
  }

  /**
   * What Gaussian numbers of known spreads need.
   *
   * @param rows root mean square of each row, in steps of the row
   * @param columns the same of each column, relative to the mean of all
   */
  static CodeLengths predicted(Trellis trellis, double[] rows, double[] columns) {
    NumberClasses classes = NumberClasses.ofSpreads(rows, columns);
    double most = Arrays.stream(rows).max().orElse(0) * Arrays.stream(columns).max().orElse(0);
    int quantizers = trellis.quantizers();
    GaussianLengths gaussian = quantizers == 1 ? GaussianLengths.SCALAR : GaussianLengths.TRELLIS;
    double[][] bits = new double[classes.count() * quantizers][];
    for (int context = 0; context < bits.length; context++) {
      double spread = most * NumberClasses.factor(classes.count() - 1 - context / quantizers);
      bits[context] = gaussian.of(spread, context % quantizers);
    }
    return new CodeLengths(trellis, classes, bits);
  }

  /** Those of an ideal code for indices, row-major. */
  static CodeLengths of(Trellis trellis, byte[] indices, NumberClasses classes) {
    long[][] counts = CodedIntegers.counts(trellis, indices, classes.rows(), classes.columns());
    int largest = largest(trellis);
    double[][] bits = new double[counts.length][];
    for (int context = 0; context < bits.length; context++) {
      long[] all = counts[context];
      bits[context] =
          Arrays.stream(all, 128 - largest, 128 + largest + 1).asDoubleStream().toArray();
      toBits(bits[context]);
    }
    return new CodeLengths(trellis, classes, bits);
  }

  /** Lengths to begin with where nothing is known: twice the digits of the index, and a sign. */
  static double[] universal(int largest) {
    double[] bits = new double[2 * largest + 1];
    for (int k = -largest; k <= largest; k++) {
      bits[k + largest] = 1 + 2 * Math.log1p(Math.abs(k));
    }
    return bits;
  }

  /** Counts made code lengths; an index that has not come up has one too. */
  static void toBits(double[] counts) {
    double total = Arrays.stream(counts).sum() + UNSEEN * counts.length;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = -Math.log((counts[i] + UNSEEN) / total) / Math.log(2);
    }
  }

  /** Bits of the indices of a number, by index + {@link #largest}. */
  double[] of(int row, int column, int quantizer) {
    return bits[classes.of(row, column) * trellis.quantizers() + quantizer];
  }
}
