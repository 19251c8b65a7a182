package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.Trellis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Code lengths that entropy-constrained quantization of Gaussian numbers arrives at, by how large
 * the numbers are in steps: what a rounding begins with. They hardly depend on the number of
 * states, so that there is one table for all trellises.
 *
 * @param tables by half octaves of the standard deviation, from {@link #LEAST} on, and quantizer:
 *     bits by index + the largest
 */
record GaussianLengths(List<double[][]> tables) {

  static final GaussianLengths SCALAR = GaussianLengths.of(Trellis.none());
  static final GaussianLengths TRELLIS = GaussianLengths.of(Trellis.of(8));

  /** Half octaves of the least and the largest deviation. */
  private static final int LEAST = -6;

  private static final int MOST = 14;

  private static final int NUMBERS = 3000;
  private static final int ROUNDS = 10;

  private static GaussianLengths of(Trellis trellis) {
    Random random = new Random(1);
    double[] unit = random.doubles(NUMBERS).map(_ -> random.nextGaussian()).toArray();
    List<double[][]> tables = new ArrayList<>();
    for (int half = LEAST; half <= MOST; half++) {
      double deviation = Math.pow(2, half / 2.0);
      double[] numbers = new double[NUMBERS];
      for (int i = 0; i < NUMBERS; i++) {
        numbers[i] = deviation * unit[i];
      }
      tables.add(lengths(trellis, numbers));
    }
    return new GaussianLengths(List.copyOf(tables));
  }

  private static double[][] lengths(Trellis trellis, double[] numbers) {
    int largest = CodeLengths.largest(trellis);
    double[][] bits = new double[trellis.quantizers()][];
    Arrays.setAll(bits, _ -> CodeLengths.universal(largest));
    TrellisQuantizer quantizer = new TrellisQuantizer(trellis, largest);
    for (int round = 0; round < ROUNDS; round++) {
      double[][] now = bits;
      int[] k =
          quantizer.quantize(
              numbers, TileRounding.lambda(trellis), (_, q, index) -> now[q][index + largest]);
      double[][] counts = new double[bits.length][2 * largest + 1];
      int state = 0;
      for (int index : k) {
        // of either sign: the source is symmetric
        counts[trellis.quantizer(state)][largest + index] += 0.5;
        counts[trellis.quantizer(state)][largest - index] += 0.5;
        state = trellis.next(state, index);
      }
      for (double[] row : counts) {
        CodeLengths.toBits(row);
      }
      bits = counts;
    }
    return bits;
  }

  /** Bits of the indices of numbers of a standard deviation in steps, by quantizer. */
  double[] of(double deviation, int quantizer) {
    double half = 2 * Math.log(deviation) / Math.log(2);
    return tables.get((int) Math.clamp(Math.rint(half), LEAST, MOST) - LEAST)[quantizer];
  }
}
