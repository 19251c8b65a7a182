package io.karipap.bench.codes;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.checkpoint.form.DenseForm;
import io.karipap.checkpoint.form.EntropyCodedForm;
import io.karipap.network.quantize.NumberClasses;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;

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
          8.0 * new EntropyCodedForm(new DenseForm(m, n), List.of(stream.length)).bytes(),
          entropy(
              CodedIntegers.counts(trellis, rounded.indices(), classes.rows(), classes.columns())),
          errors.mul(subject.metric().weigh(errors)).sum().item() / 2,
          roundingSeconds,
          encodingSeconds,
          decodingSeconds);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
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
