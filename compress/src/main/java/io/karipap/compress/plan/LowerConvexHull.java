package io.karipap.compress.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The lower convex hull of points in a plane, as far as it falls (Andrew's monotone chain). */
public final class LowerConvexHull {

  private LowerConvexHull() {}

  /**
   * The corners of the hull, by rising x and falling y. Points that lie on an edge are left out,
   * and so are points to the right of the least y. Cost O(n log n).
   *
   * @param points in any order
   * @param x such as a size
   * @param y such as a loss
   */
  public static <T> List<T> of(List<T> points, ToDoubleFunction<T> x, ToDoubleFunction<T> y) {
    List<T> sorted = new ArrayList<>(points);
    sorted.sort(Comparator.comparingDouble(x).thenComparingDouble(y));
    List<T> hull = new ArrayList<>();
    for (T next : sorted) {
      if (!hull.isEmpty() && y.applyAsDouble(next) >= y.applyAsDouble(hull.getLast())) {
        continue;
      }
      while (hull.size() > 1
          && fall(hull.get(hull.size() - 2), hull.getLast(), x, y)
              <= fall(hull.getLast(), next, x, y)) {
        hull.removeLast();
      }
      hull.add(next);
    }
    return List.copyOf(hull);
  }

  /** The fall of y from one point to another for a unit of x. */
  private static <T> double fall(T from, T to, ToDoubleFunction<T> x, ToDoubleFunction<T> y) {
    return (y.applyAsDouble(from) - y.applyAsDouble(to))
        / (x.applyAsDouble(to) - x.applyAsDouble(from));
  }
}
