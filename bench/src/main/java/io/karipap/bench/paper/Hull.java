package io.karipap.bench.paper;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * The lower convex hull of sizes and losses, from the smallest size to the size of the least loss;
 * beyond that it stays flat, since nobody has to spend what they may spend.
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
    List<Point> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingDouble(Point::x).thenComparingDouble(Point::y));
    List<Point> hull = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Point point : sorted) {
      if (point.y() < least) {
        least = point.y();
        while (hull.size() > 1 && above(hull.get(hull.size() - 2), hull.getLast(), point)) {
          hull.removeLast();
        }
        hull.add(point);
      }
    }
    return new Hull(hull);
  }

  /** True if b lies on or above the line from a to c. */
  private static boolean above(Point a, Point b, Point c) {
    return (b.y() - a.y()) * (c.x() - a.x()) >= (c.y() - a.y()) * (b.x() - a.x());
  }

  /**
   * The corners whose weighted mean is the hull at a size; none to the left of the hull, where
   * nothing is that small.
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
