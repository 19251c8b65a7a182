package io.karipap.compress.flow;

import io.karipap.network.Factorization;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The way of one matrix from dense down to little: the lower envelope of its low-rank
 * factorizations and of its rings. Rings are computed when the envelope has come down to them.
 */
public final class TruncationPath {

  /** A step removes about this part of a matrix at least. */
  static final double STEP = 0.05;

  private final SensitiveMatrix matrix;
  private final LowRankSequence pairs;
  private final RingSequence rings;
  private final List<PathPoint> points = new ArrayList<>();

  /**
   * A path at its beginning.
   *
   * @param original the dense matrix
   */
  TruncationPath(
      SensitiveMatrix matrix, Factorization original, LowRankSequence pairs, RingSequence rings) {
    this.matrix = matrix;
    this.pairs = pairs;
    this.rings = rings;
    points.add(new PathPoint(original, "dense", 0, 0));
  }

  /** The most parameters that a matrix has after a step. */
  static long nextSize(long parameters) {
    return (long) Math.floor((1 - STEP) * parameters);
  }

  public SensitiveMatrix matrix() {
    return matrix;
  }

  /** All points so far, the dense one first. */
  public List<PathPoint> points() {
    return List.copyOf(points);
  }

  /** The point of a rank, on the path or not. */
  public PathPoint rank(int rank) {
    return pairs.at(rank);
  }

  /** Goes on as long as a parameter saved costs at most a price in nats. */
  void advance(double price) {
    Optional<PathPoint> next = next();
    while (next.isPresent() && next.get().slopeFrom(points.getLast()) <= price) {
      points.add(next.get());
      next = next();
    }
  }

  /** The cheapest way down from here, of those that the pairs and the next ring offer. */
  Optional<PathPoint> next() {
    PathPoint here = points.getLast();
    return Stream.of(rings.below(here), pairs.below(here))
        .flatMap(Optional::stream)
        .min(Comparator.comparingDouble(way -> way.slopeFrom(here)));
  }

  /** Nats for a parameter saved by the next step; infinite if there is none. */
  double price() {
    try (var _ = new TensorScope()) {
      return next()
          .map(next -> Math.max(0, next.slopeFrom(points.getLast())))
          .orElse(Double.POSITIVE_INFINITY);
    }
  }
}
