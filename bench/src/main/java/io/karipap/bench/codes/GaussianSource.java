package io.karipap.bench.codes;

import java.util.Random;

/** Numbers of a unit normal distribution. */
final class GaussianSource {

  private GaussianSource() {}

  /** Random numbers, brought to mean square 1; the same in every run. */
  static double[] numbers(int count) {
    Random random = new Random(5);
    double[] x = new double[count];
    double squares = 0;
    for (int i = 0; i < count; i++) {
      x[i] = random.nextGaussian();
      squares += x[i] * x[i];
    }
    for (int i = 0; i < count; i++) {
      x[i] /= Math.sqrt(squares / count);
    }
    return x;
  }
}
