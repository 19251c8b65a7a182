package io.karipap.network.quantize;

import java.util.stream.IntStream;

/**
 * The nearest {@code alpha t + mu} to the numbers of a group, t in {-1, 0, 1}.
 *
 * <p>For given t both are a linear regression (PT2-LLM, "iterative ternary fitting"): alpha =
 * cov(w, t) / var(t) and mu = mean(w) - alpha mean(t). For given alpha and mu every t is the
 * nearest one, so that along the sorted numbers t never falls. Hence the best t is one of those
 * that two cuts through the sorted numbers make; all are tried, each in constant time from sums up
 * to the cuts, where the paper alternates from one start.
 *
 * @param scale alpha, not negative
 * @param shift mu
 */
record TernaryFit(double scale, double shift) {

  /** The largest group: the number of cuts grows with the square of its size. */
  static final int LARGEST = 1024;

  /**
   * Minimises the weighted sum of squared errors.
   *
   * @param weights not negative
   * @throws IllegalArgumentException if the group is longer than {@value #LARGEST}
   */
  static TernaryFit of(double[] w, double[] weights) {
    int n = w.length;
    if (n > LARGEST) {
      throw new IllegalArgumentException(
          "ternary numbers come in groups of at most %d, not %d".formatted(LARGEST, n));
    }
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> Double.compare(w[a], w[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] mass = new double[n + 1];
    double[] moment = new double[n + 1];
    for (int i = 0; i < n; i++) {
      mass[i + 1] = mass[i] + weights[order[i]];
      moment[i + 1] = moment[i] + weights[order[i]] * w[order[i]];
    }
    if (mass[n] == 0) {
      return of(w, IntStream.range(0, n).mapToDouble(_ -> 1).toArray());
    }
    double mean = moment[n] / mass[n];
    double best = 0; // of the explained part of the variance
    double alpha = 0;
    double mu = mean;
    for (int low = 0; low <= n; low++) {
      for (int high = low; high <= n; high++) {
        double below = mass[low];
        double above = mass[n] - mass[high];
        double t = (above - below) / mass[n];
        double variance = (above + below) / mass[n] - t * t;
        double covariance = (moment[n] - moment[high] - moment[low]) / mass[n] - mean * t;
        // a variance of zero, up to rounding: do not divide by it
        boolean better = variance > 1e-12 && covariance > 0;
        if (better && covariance * covariance > best * variance) {
          best = covariance * covariance / variance;
          alpha = covariance / variance;
          mu = mean - alpha * t;
        }
      }
    }
    return new TernaryFit(alpha, mu);
  }
}
