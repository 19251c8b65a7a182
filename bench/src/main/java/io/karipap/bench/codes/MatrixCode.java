package io.karipap.bench.codes;

import io.karipap.checkpoint.codec.CodedIntegers;
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
 * @param bits of the file: integers and scales
 * @param entropy bits of the integers in their classes, without anything beside them
 * @param loss tr(G E C E^T) / 2: nats per token
 * @param roundingSeconds for the rounding
 * @param encodingSeconds for the encoder
 * @param decodingSeconds for the decoder
 */
record MatrixCode(
    long numbers,
    double bits,
    double entropy,
    double loss,
    double roundingSeconds,
    double encodingSeconds,
    double decodingSeconds) {

  /** Bytes of the two grids that scales lie on, and of a scale. */
  private static final int GRID_BYTES = 16;

  /** Nothing. */
  static MatrixCode none() {
    return new MatrixCode(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Rounds and codes a matrix, and checks that the decoder gives it back.
   *
   * @param theta loss of a number, twice nats per token
   * @throws IllegalStateException if the decoder gives something else
   */
  static MatrixCode of(MatrixSubject subject, double theta, Trellis trellis) {
    int m = subject.w().size(0);
    int n = subject.w().size(1);
    try (var _ = new TensorScope()) {
      long start = System.nanoTime();
      WaterFilling.Rounded rounded = subject.filling().round(subject.w(), theta, trellis);
      double roundingSeconds = seconds(start);
      NumberClasses classes = rounded.classes();
      start = System.nanoTime();
      byte[] stream =
          CodedIntegers.encode(trellis, rounded.indices(), classes.rows(), classes.columns());
      double encodingSeconds = seconds(start);
      start = System.nanoTime();
      byte[] decoded = CodedIntegers.decode(stream, m, n);
      double decodingSeconds = seconds(start);
      if (!Arrays.equals(decoded, rounded.levels())) {
        throw new IllegalStateException("the decoder does not give back what was coded");
      }
      Tensor errors = rounded.matrix().sub(subject.w());
      return new MatrixCode(
          (long) m * n,
          8.0 * (stream.length + GRID_BYTES + m + n),
          entropy(counts(trellis, rounded)),
          errors.mul(subject.metric().weigh(errors)).sum().item() / 2,
          roundingSeconds,
          encodingSeconds,
          decodingSeconds);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** How often each index comes up in each context. */
  private static long[][] counts(Trellis trellis, WaterFilling.Rounded rounded) {
    NumberClasses classes = rounded.classes();
    int n = classes.columns().length;
    long[][] counts = new long[classes.count() * trellis.quantizers()][256];
    for (int j = 0; j < n; j++) {
      int state = 0;
      for (int i = classes.rows().length - 1; i >= 0; i--) {
        int k = rounded.indices()[i * n + j];
        int context = classes.of(i, j) * trellis.quantizers() + trellis.quantizer(state);
        counts[context][k + 128]++;
        state = trellis.next(state, k);
      }
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
        bits + other.bits,
        entropy + other.entropy,
        loss + other.loss,
        roundingSeconds + other.roundingSeconds,
        encodingSeconds + other.encodingSeconds,
        decodingSeconds + other.decodingSeconds);
  }
}
