package io.karipap.bench.paper;

import io.karipap.bench.paper.Hull.Share;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Compares rows with the lower hull of other rows: sizes on one axis and ln KL on the other, in
 * which one more bit for every number lowers the loss by a constant. A healed row is compared with
 * all others, healed or not; a row that is not healed with rows that are not healed.
 *
 * @param axis what sizes are counted in
 * @param subjects methods of the rows that are judged
 * @param references methods of the rows that the hull is made of
 */
record Comparison(Axis axis, Set<Method> subjects, Set<Method> references) {

  /** A smaller divergence is rounding noise; nats per token. */
  private static final double MIN_KL = 1e-9;

  /** Copies the sets. */
  Comparison {
    subjects = Set.copyOf(subjects);
    references = Set.copyOf(references);
  }

  /**
   * A row beside the hull.
   *
   * @param row that is judged
   * @param corners rows whose mean is the hull at its size; empty if no row is as small
   * @param hull KL divergence of the hull there, nats per token
   * @param difference ln(KL of the row) - ln(KL of the hull)
   * @param standardError of the difference, by leaving out one block of the text after the other,
   *     of row and corners alike; the scatter between seeds is not in it
   */
  record Verdict(
      RowMetrics row,
      List<RowMetrics> corners,
      double hull,
      double difference,
      double standardError) {

    /** Up to two standard errors above the hull count as on it. */
    boolean isOnOrBelow() {
      return corners.isEmpty() || difference <= margin();
    }

    /** Below, not only on. */
    boolean isBelow() {
      return corners.isEmpty() || difference < -margin();
    }

    private double margin() {
      return Double.isFinite(standardError) ? 2 * standardError : 0;
    }
  }

  /** ln KL of a row on a text. */
  static double logKl(double kl) {
    return Math.log(Math.max(MIN_KL, kl));
  }

  /** The hull of the references for a healed or a not healed row; indices are into the rows. */
  Hull hull(List<RowMetrics> rows, int text, boolean healed) {
    RowMetrics original = original(rows);
    List<Hull.Point> points = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      RowMetrics row = rows.get(i);
      if (references.contains(row.method()) && (healed || !row.healed())) {
        double kl = row.texts().get(text).kl().value();
        points.add(new Hull.Point(axis.share(row, original), logKl(kl), i));
      }
    }
    return Hull.of(points);
  }

  /** Judges every subject among the rows, of which the first is the original. */
  List<Verdict> verdicts(List<RowMetrics> rows, int text) {
    List<Verdict> verdicts = new ArrayList<>();
    for (RowMetrics row : rows) {
      if (subjects.contains(row.method())) {
        List<Share> shares = hull(rows, text, row.healed()).at(axis.share(row, original(rows)));
        verdicts.add(verdict(row, shares, rows, text));
      }
    }
    return verdicts;
  }

  private static Verdict verdict(
      RowMetrics row, List<Share> shares, List<RowMetrics> rows, int text) {
    TextFigures own = row.texts().get(text);
    double hull = 0;
    for (Share share : shares) {
      hull += share.weight() * logKl(rows.get(share.index()).texts().get(text).kl().value());
    }
    int blocks = own.blocks().size();
    double[] left = new double[blocks];
    for (int b = 0; b < blocks; b++) {
      left[b] = logKl(own.klWithout(b));
      for (Share share : shares) {
        left[b] -= share.weight() * logKl(rows.get(share.index()).texts().get(text).klWithout(b));
      }
    }
    return new Verdict(
        row,
        shares.stream().map(share -> rows.get(share.index())).toList(),
        Math.exp(hull),
        logKl(own.kl().value()) - hull,
        jackknife(left));
  }

  /** sqrt((B - 1) / B sum_b (x_b - mean)^2); not a number for one value. */
  private static double jackknife(double[] left) {
    double count = left.length;
    double mean = 0;
    for (double x : left) {
      mean += x / count;
    }
    double squares = 0;
    for (double x : left) {
      squares += (x - mean) * (x - mean);
    }
    return count < 2 ? Double.NaN : Math.sqrt((count - 1) / count * squares);
  }

  private static RowMetrics original(List<RowMetrics> rows) {
    return rows.getFirst();
  }
}
