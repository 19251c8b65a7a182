package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LowerConvexHullTest {

  private record Point(double x, double y) {}

  private static List<Point> hull(List<Point> points) {
    return LowerConvexHull.of(points, Point::x, Point::y);
  }

  @Test
  void pointsOnAnEdgeAndEqualPointsAreNoCorners() {
    Point left = new Point(0, 2);
    Point right = new Point(2, 0);
    assertThat(hull(List.of(right, new Point(1, 1), left, right, new Point(0, 3), new Point(5, 0))))
        .containsExactly(left, right);
    assertThat(hull(List.of())).isEmpty();
  }

  /** A corner is a point that no point left of it and no segment over it undercuts. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void cornersAreThoseOfTheDefinition(long seed) {
    Random random = new Random(seed);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      points.add(new Point(random.nextDouble(), random.nextDouble()));
    }
    assertThat(hull(points))
        .containsExactlyInAnyOrderElementsOf(
            points.stream().filter(p -> isCorner(p, points)).toList());
  }

  private static boolean isCorner(Point p, List<Point> points) {
    for (Point a : points) {
      if (a.x() < p.x() && a.y() <= p.y()) {
        return false;
      }
      for (Point b : points) {
        if (a.x() < p.x()
            && b.x() > p.x()
            && a.y() + (b.y() - a.y()) * (p.x() - a.x()) / (b.x() - a.x()) <= p.y()) {
          return false;
        }
      }
    }
    return true;
  }
}
