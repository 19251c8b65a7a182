package io.karipap.network.quantize;

import io.karipap.network.Metric;
import io.karipap.network.Sparse;
import io.karipap.tensor.Tensor;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Removes the elements of a matrix with the smallest scores and leaves the others unchanged. */
public final class Pruning {

  private Pruning() {}

  /**
   * Keeps the elements of largest magnitude, over the whole matrix.
   *
   * @param share of the elements to keep, above 0 and at most 1
   */
  public static Sparse magnitude(Tensor w, double share) {
    double[] scores = w.abs().toDoubles();
    return kept(w, best(scores, 0, scores.length, count(share, scores.length)));
  }

  /**
   * Keeps in every row the elements of largest {@code |w_ij| sqrt(C_jj)} (Wanda, Sun et al., ICLR
   * 2024, eq. 1).
   *
   * @param share of the elements to keep, above 0 and at most 1
   */
  public static Sparse wanda(Tensor w, Metric metric, double share) {
    return runs(w, metric, w.size(1), count(share, w.size(1)));
  }

  /**
   * The same among every {@code of} neighbours of a row (n:m sparsity); the last ones of a row may
   * be fewer.
   *
   * @param keep how many of them stay
   */
  public static Sparse wanda(Tensor w, Metric metric, int keep, int of) {
    if (keep < 1 || keep > of || of > w.size(1)) {
      throw new IllegalArgumentException(
          "%d of %d elements of a row of %d cannot stay".formatted(keep, of, w.size(1)));
    }
    return runs(w, metric, of, keep);
  }

  private static Sparse runs(Tensor w, Metric metric, int run, int keep) {
    if (metric.size() != w.size(1)) {
      throw new IllegalArgumentException(
          "rows of %d elements cannot be pruned in a metric of size %d"
              .formatted(w.size(1), metric.size()));
    }
    double[] scores = w.abs().mul(metric.covariance().diagonal().sqrt().to(w.dtype())).toDoubles();
    boolean[] kept = new boolean[scores.length];
    int n = w.size(1);
    for (int row = 0; row < scores.length; row += n) {
      for (int from = 0; from < n; from += run) {
        int to = Math.min(n, from + run);
        boolean[] part = best(scores, row + from, row + to, Math.min(keep, to - from));
        System.arraycopy(part, 0, kept, row + from, part.length);
      }
    }
    return kept(w, kept);
  }

  private static int count(double share, int elements) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the share to keep is above 0 and at most 1, not " + share);
    }
    return (int) Math.round(share * elements);
  }

  /** Marks the largest of scores[from, to); of equal ones the first. */
  private static boolean[] best(double[] scores, int from, int to, int count) {
    boolean[] kept = new boolean[to - from];
    IntStream.range(from, to)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
        .limit(count)
        .forEach(i -> kept[i - from] = true);
    return kept;
  }

  private static Sparse kept(Tensor w, boolean[] kept) {
    RoundToNearest.requireFinite(w);
    int n = w.size(1);
    return Sparse.of(w, (row, column) -> kept[row * n + column]);
  }
}
