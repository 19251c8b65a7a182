package io.karipap.network.quantize;

/**
 * The rate-distortion limit of independent Gaussian numbers of different variances (Cover and
 * Thomas, theorem 10.3.3): every number is given the distortion theta, or its variance where that
 * is smaller,
 *
 * <pre>R = sum max(0, log2(v_i / theta) / 2),   D = sum min(theta, v_i).</pre>
 *
 * <p>Variances are kept in bins of a 32nd of an octave, so that there may be any number of them.
 */
public final class ReverseWaterFilling {

  private static final int PER_OCTAVE = 32;
  private static final int OCTAVES = 256;

  private final long[] counts = new long[PER_OCTAVE * OCTAVES];
  private final double[] sums = new double[PER_OCTAVE * OCTAVES];

  /**
   * Adds a number.
   *
   * @param variance of the number, times what its squared error weighs; 0 or above
   */
  public void add(double variance) {
    if (variance > 0) {
      int bin = (int) Math.floor(PER_OCTAVE * (log2(variance) + OCTAVES / 2.0));
      int inside = Math.clamp(bin, 0, counts.length - 1);
      counts[inside]++;
      sums[inside] += variance;
    }
  }

  /** Adds all numbers of another set. */
  public void addAll(ReverseWaterFilling other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
      sums[i] += other.sums[i];
    }
  }

  /** Bits of all numbers together at a level theta. */
  public double bits(double theta) {
    double bits = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        bits += counts[i] * Math.max(0, log2(sums[i] / counts[i] / theta) / 2);
      }
    }
    return bits;
  }

  /** Sum of the squared errors of all numbers at a level theta. */
  public double distortion(double theta) {
    double distortion = 0;
    for (int i = 0; i < counts.length; i++) {
      distortion += Math.min(counts[i] * theta, sums[i]);
    }
    return distortion;
  }

  /**
   * The fewest bits for a sum of squared errors.
   *
   * @param distortion above 0; from the sum of the variances on, no bits are needed
   */
  public double bitsOf(double distortion) {
    double low = -OCTAVES / 2.0;
    double high = OCTAVES / 2.0;
    while (high - low > 1e-9) {
      double middle = (low + high) / 2;
      if (distortion(Math.pow(2, middle)) < distortion) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return bits(Math.pow(2, high));
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
