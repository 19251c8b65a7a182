package io.karipap.tensor;

/**
 * A line search for a step that satisfies the strong Wolfe conditions (Nocedal and Wright,
 * "Numerical optimization", 2nd edition, algorithms 3.5 and 3.6, with cubic interpolation).
 *
 * @param decrease c1: the value falls by at least this part of what the first slope promises
 * @param curvature c2: the slope's size falls to at most this part of the first slope's
 * @param evaluations the most evaluations of one search
 */
record StrongWolfe(double decrease, double curvature, int evaluations) {

  /** A step along the line with the objective's value and slope there. */
  record Point(double step, double value, double slope) {}

  /** The objective along a line. */
  interface Line {
    Point at(double step);
  }

  /**
   * Searches from a point with negative slope.
   *
   * @param origin step 0
   * @param first the step to try first
   * @return a point that satisfies both conditions, or the lowest found when evaluations run out or
   *     numbers get too close to tell apart; the origin itself if nothing lower was found
   */
  Point search(Line line, Point origin, double first) {
    Point previous = origin;
    double step = first;
    for (int used = 1; used <= evaluations; used++) {
      Point point = line.at(step);
      if (!lowEnough(point, origin) || (used > 1 && point.value() >= previous.value())) {
        return zoom(line, origin, previous, point, evaluations - used);
      }
      if (flatEnough(point, origin)) {
        return point;
      }
      if (point.slope() >= 0) {
        return zoom(line, origin, point, previous, evaluations - used);
      }
      double next = minimiserOfCubic(previous, point);
      step = Double.isNaN(next) ? 2 * step : Math.clamp(next, 1.1 * step, 10 * step);
      previous = point;
    }
    return previous;
  }

  /** Narrows an interval that holds a good step: low is its better end. */
  private Point zoom(Line line, Point origin, Point low, Point high, int remaining) {
    Point best = low;
    Point other = high;
    for (int used = 0; used < remaining; used++) {
      double width = Math.abs(other.step() - best.step());
      if (width * Math.abs(origin.slope()) <= 1e-16 * Math.abs(origin.value())) {
        return best;
      }
      Point point = line.at(inside(best, other, width));
      if (!lowEnough(point, origin) || point.value() >= best.value()) {
        other = point;
        continue;
      }
      if (flatEnough(point, origin)) {
        return point;
      }
      if (point.slope() * (other.step() - best.step()) >= 0) {
        other = best;
      }
      best = point;
    }
    return best;
  }

  /**
   * The cubic's minimiser, kept a tenth of the interval away from its ends so that the interval
   * shrinks.
   */
  private static double inside(Point a, Point b, double width) {
    double lower = Math.min(a.step(), b.step()) + 0.1 * width;
    double upper = Math.max(a.step(), b.step()) - 0.1 * width;
    double minimiser = minimiserOfCubic(a, b);
    return Double.isNaN(minimiser) ? 0.5 * (lower + upper) : Math.clamp(minimiser, lower, upper);
  }

  /**
   * Nocedal and Wright, eq. 3.59; not a number where the cubic has no minimiser or a value is not
   * finite.
   */
  private static double minimiserOfCubic(Point a, Point b) {
    double d1 = a.slope() + b.slope() - 3 * (a.value() - b.value()) / (a.step() - b.step());
    double d2 = Math.signum(b.step() - a.step()) * Math.sqrt(d1 * d1 - a.slope() * b.slope());
    return b.step()
        - (b.step() - a.step()) * (b.slope() + d2 - d1) / (b.slope() - a.slope() + 2 * d2);
  }

  private boolean lowEnough(Point point, Point origin) {
    return point.value() <= origin.value() + decrease * point.step() * origin.slope();
  }

  private boolean flatEnough(Point point, Point origin) {
    return Math.abs(point.slope()) <= -curvature * origin.slope();
  }
}
