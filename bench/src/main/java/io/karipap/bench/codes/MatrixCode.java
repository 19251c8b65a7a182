package io.karipap.bench.codes;

import io.karipap.checkpoint.codec.FrequencyTable;
import io.karipap.checkpoint.codec.IndexCoder;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.quantize.NumberClasses;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;

/**
 * A matrix, or several, rounded by reverse water-filling and coded.
 *
 * @param numbers that were coded
 * @param beyond numbers whose integer is no byte: each is kept apart, with its place
 * @param bits of the file: stream, tables, scale and class of every row and column, and numbers
 *     kept apart
 * @param entropy bits of the integers in their classes, without anything beside them
 * @param loss tr(G E C E^T) / 2: nats per token
 * @param roundingSeconds for the rounding
 * @param encodingSeconds for the encoder
 * @param decodingSeconds for the decoder
 */
record MatrixCode(
    long numbers,
    long beyond,
    double bits,
    double entropy,
    double loss,
    double roundingSeconds,
    double encodingSeconds,
    double decodingSeconds) {

  /** A logarithmic scale and a class, of every row and column. */
  private static final double SIDE_BITS = 8 + 4;

  /** A frequency of a table, and its first index and length. */
  private static final double TABLE_BITS = 12;

  /** Place and value of a number that is kept apart. */
  private static final double APART_BITS = 32 + 16;

  /** Part of a step by which the interval around zero is wider: gains at 2 bits and less. */
  private static final double DEAD_ZONE = 0.1;

  /** The largest magnitude of an integer. */
  private static final int LARGEST = Byte.MAX_VALUE;

  /** Nothing. */
  static MatrixCode none() {
    return new MatrixCode(0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Rounds and codes a matrix, and checks that the decoder gives it back.
   *
   * @param theta loss of a number, twice nats per token
   * @throws IllegalStateException if the decoder gives something else
   */
  static MatrixCode of(MatrixSubject subject, double theta) {
    int m = subject.w().size(0);
    int n = subject.w().size(1);
    try (var _ = new TensorScope()) {
      long start = System.nanoTime();
      WaterFilling.Rounded rounded = subject.filling().round(subject.w(), theta, DEAD_ZONE);
      double roundingSeconds = seconds(start);
      byte[] indices = new byte[m * n];
      long beyond = 0;
      for (int i = 0; i < indices.length; i++) {
        indices[i] = (byte) Math.clamp(rounded.levels()[i], -LARGEST, LARGEST);
        beyond += indices[i] == rounded.levels()[i] ? 0 : 1;
      }
      NumberClasses classes = NumberClasses.of(rounded.levels(), m, n);
      long[][] counts = counts(indices, classes);
      var tables = Arrays.stream(counts).map(FrequencyTable::of).toList();
      IndexCoder coder = new IndexCoder(Trellis.none(), tables);
      start = System.nanoTime();
      char[] stream = coder.encode(indices, classes.rows(), classes.columns(), 0, n);
      double encodingSeconds = seconds(start);
      byte[] decoded = new byte[m * n];
      start = System.nanoTime();
      coder.decode(stream, classes.rows(), classes.columns(), 0, n, decoded);
      double decodingSeconds = seconds(start);
      if (!Arrays.equals(decoded, indices)) {
        throw new IllegalStateException("the decoder does not give back what was coded");
      }
      double side = SIDE_BITS * (m + n) + APART_BITS * beyond;
      for (FrequencyTable table : tables) {
        side += TABLE_BITS * (2 + table.frequencies().size());
      }
      Tensor errors = rounded.matrix().sub(subject.w());
      return new MatrixCode(
          (long) m * n,
          beyond,
          16.0 * stream.length + side,
          entropy(counts),
          errors.mul(subject.metric().weigh(errors)).sum().item() / 2,
          roundingSeconds,
          encodingSeconds,
          decodingSeconds);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** How often each integer comes up in each class. */
  private static long[][] counts(byte[] indices, NumberClasses classes) {
    int n = classes.columns().length;
    long[][] counts = new long[classes.count()][256];
    for (int at = 0; at < indices.length; at++) {
      counts[classes.rows()[at / n] + classes.columns()[at % n]][indices[at] + 128]++;
    }
    return counts;
  }

  private static double entropy(long[][] counts) {
    double bits = 0;
    for (long[] row : counts) {
      double total = Arrays.stream(row).sum();
      for (long count : row) {
        bits -= count == 0 ? 0 : count * Math.log(count / total) / Math.log(2);
      }
    }
    return bits;
  }

  /** Both together. */
  MatrixCode plus(MatrixCode other) {
    return new MatrixCode(
        numbers + other.numbers,
        beyond + other.beyond,
        bits + other.bits,
        entropy + other.entropy,
        loss + other.loss,
        roundingSeconds + other.roundingSeconds,
        encodingSeconds + other.encodingSeconds,
        decodingSeconds + other.decodingSeconds);
  }
}
