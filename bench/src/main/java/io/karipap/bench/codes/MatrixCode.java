package io.karipap.bench.codes;

import io.karipap.checkpoint.codec.FrequencyTable;
import io.karipap.checkpoint.codec.IndexCoder;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.Metric;
import io.karipap.network.quantize.NumberClasses;
import io.karipap.network.quantize.ReverseWaterFilling;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A matrix rounded by reverse water-filling and coded.
 *
 * @param numbers that were coded
 * @param bits of the file: stream, tables, and scale and class of every row and column
 * @param entropy bits of the indices in their classes, without anything beside them
 * @param limit the numbers as Gaussian ones of the same variances of rows and columns
 * @param loss tr(G E C E^T) / 2: nats per token
 * @param roundingSeconds for the rounding
 * @param encodingSeconds for the encoder
 * @param decodingSeconds for the decoder
 */
record MatrixCode(
    long numbers,
    double bits,
    double entropy,
    ReverseWaterFilling limit,
    double loss,
    double roundingSeconds,
    double encodingSeconds,
    double decodingSeconds) {

  /** A logarithmic scale and a class, of every row and column. */
  private static final double SIDE_BITS = 8 + 4;

  /** A frequency of a table, and its first index and length. */
  private static final double TABLE_BITS = 12;

  /** Part of a step by which the interval around zero is wider: gains at 2 bits and less. */
  private static final double DEAD_ZONE = 0.1;

  private static final int LARGEST = 127;

  /** Nothing. */
  static MatrixCode none() {
    return new MatrixCode(0, 0, 0, new ReverseWaterFilling(), 0, 0, 0, 0);
  }

  /**
   * Rounds and codes a matrix, and checks that the decoder gives it back.
   *
   * @param w [m, n], float64
   * @param theta loss of a number, twice nats per token
   * @throws IllegalStateException if the decoder gives something else
   */
  static MatrixCode of(Tensor w, Metric metric, double theta) {
    int m = w.size(0);
    int n = w.size(1);
    long start = System.nanoTime();
    WaterFilling filling = WaterFilling.of(metric, m);
    WaterFilling.Rounded rounded = filling.round(w, theta, DEAD_ZONE);
    double roundingSeconds = seconds(start);
    byte[] indices = new byte[m * n];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (byte) Math.clamp(rounded.levels()[i], -LARGEST, LARGEST);
    }
    NumberClasses classes = NumberClasses.of(rounded.levels(), m, n);
    List<FrequencyTable> tables = tables(indices, classes, m, n);
    IndexCoder coder = new IndexCoder(Trellis.none(), tables);
    start = System.nanoTime();
    char[] stream = coder.encode(indices, classes.rows(), classes.columns(), 0, n);
    double encodingSeconds = seconds(start);
    byte[] decoded = new byte[m * n];
    coder.decode(stream, classes.rows(), classes.columns(), 0, n, decoded); // compiles it
    start = System.nanoTime();
    coder.decode(stream, classes.rows(), classes.columns(), 0, n, decoded);
    double decodingSeconds = seconds(start);
    if (!Arrays.equals(decoded, indices)) {
      throw new IllegalStateException("the decoder does not give back what was coded");
    }
    double side = SIDE_BITS * (m + n);
    for (FrequencyTable table : tables) {
      side += TABLE_BITS * (2 + table.frequencies().size());
    }
    Tensor errors = rounded.matrix().sub(w);
    return new MatrixCode(
        (long) m * n,
        16.0 * stream.length + side,
        entropy(indices, classes, m, n),
        limit(w, filling),
        errors.mul(metric.weigh(errors)).sum().item() / 2,
        roundingSeconds,
        encodingSeconds,
        decodingSeconds);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static long[][] counts(byte[] indices, NumberClasses classes, int m, int n) {
    long[][] counts = new long[classes.count()][256];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        counts[classes.rows()[i] + classes.columns()[j]][indices[i * n + j] + 128]++;
      }
    }
    return counts;
  }

  private static List<FrequencyTable> tables(byte[] indices, NumberClasses classes, int m, int n) {
    List<FrequencyTable> tables = new ArrayList<>();
    for (long[] counts : counts(indices, classes, m, n)) {
      tables.add(FrequencyTable.of(counts));
    }
    return tables;
  }

  private static double entropy(byte[] indices, NumberClasses classes, int m, int n) {
    double bits = 0;
    for (long[] counts : counts(indices, classes, m, n)) {
      double total = Arrays.stream(counts).sum();
      for (long count : counts) {
        bits -= count == 0 ? 0 : count * Math.log(count / total) / Math.log(2);
      }
    }
    return bits;
  }

  /** The variance of a number is the product of its row's and its column's over that of all. */
  private static ReverseWaterFilling limit(Tensor w, WaterFilling filling) {
    double[] rows = w.square().sum(1).mul(1.0 / w.size(1)).toDoubles();
    double[] columns = w.square().sum(0).mul(1.0 / w.size(0)).toDoubles();
    double all = Arrays.stream(rows).average().orElse(0);
    double[] g = filling.rowWeights();
    double[] c = filling.columnWeights();
    ReverseWaterFilling limit = new ReverseWaterFilling();
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        limit.add(rows[i] * columns[j] / all * g[i] * c[j]);
      }
    }
    return limit;
  }

  /** Bits that such Gaussian numbers need for the same loss. */
  double bound() {
    return limit.bitsOf(2 * loss);
  }

  /** Both together. */
  MatrixCode plus(MatrixCode other) {
    ReverseWaterFilling both = new ReverseWaterFilling();
    both.addAll(limit);
    both.addAll(other.limit);
    return new MatrixCode(
        numbers + other.numbers,
        bits + other.bits,
        entropy + other.entropy,
        both,
        loss + other.loss,
        roundingSeconds + other.roundingSeconds,
        encodingSeconds + other.encodingSeconds,
        decodingSeconds + other.decodingSeconds);
  }
}
