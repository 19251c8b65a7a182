package io.karipap.compress.profile;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Spearman's rank correlation. */
final class RankCorrelation {

  private RankCorrelation() {}

  /**
   * Pearson's correlation of the ranks, equal values sharing the mean of theirs: 1 when both order
   * the same way; not a number when one of them is constant.
   */
  static double of(double[] a, double[] b) {
    double[] x = ranks(a);
    double[] y = ranks(b);
    double mean = (a.length + 1) / 2.0;
    return covariance(x, y, mean) / Math.sqrt(covariance(x, x, mean) * covariance(y, y, mean));
  }

  private static double covariance(double[] x, double[] y, double mean) {
    return IntStream.range(0, x.length).mapToDouble(i -> (x[i] - mean) * (y[i] - mean)).sum();
  }

  private static double[] ranks(double[] values) {
    return Arrays.stream(values)
        .map(v -> {
          long below = Arrays.stream(values).filter(other -> other < v).count();
          long equal = Arrays.stream(values).filter(other -> other == v).count();
          return below + (equal + 1) / 2.0;
        })
        .toArray();
  }
}
