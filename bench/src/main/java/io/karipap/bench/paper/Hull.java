package io.karipap.bench.paper;

import io.karipap.compress.plan.LowerConvexHull;
import java.util.List;
import java.util.OptionalInt;

/**
 * The lower convex hull of sizes and losses, from the smallest size to the size of the least loss;
 * beyond that it stays flat, since a smaller size may be used within a larger budget.
 *
 * @param points by increasing x and decreasing y, convex
 */
record Hull(List<Point> points) {

  /**
   * A size and a loss.
   *
   * @param index of the row it belongs to
   */
  record Point(double x, double y, int index) {}

  /**
   * A corner of the hull and its weight in a value on the hull.
   *
   * @param index of the corner's row
   */
  record Share(int index, double weight) {}

  /** Copies the list. */
  Hull {
    points = List.copyOf(points);
  }

  /** The hull of points. */
  static Hull of(List<Point> all) {
    return new Hull(LowerConvexHull.of(all, Point::x, Point::y));
  }

  /**
   * The corners whose weighted mean is the hull at a size; empty to the left of the hull, where no
   * row is as small.
   */
  List<Share> at(double x) {
    if (points.isEmpty() || x < points.getFirst().x()) {
      return List.of();
    }
    OptionalInt right = firstBeyond(x);
    if (right.isEmpty()) {
      return List.of(new Share(points.getLast().index(), 1));
    }
    Point a = points.get(right.getAsInt() - 1);
    Point b = points.get(right.getAsInt());
    double weight = (x - a.x()) / (b.x() - a.x());
    return List.of(new Share(a.index(), 1 - weight), new Share(b.index(), weight));
  }

  private OptionalInt firstBeyond(double x) {
    for (int i = 0; i < points.size(); i++) {
      if (points.get(i).x() > x) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
