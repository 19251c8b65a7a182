package io.karipap.bench.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.bench.paper.Hull.Point;
import io.karipap.bench.paper.Hull.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HullTest {

  @Test
  void cornersAreThoseOfATriangleAndWhatLiesAboveIsNone() {
    Hull hull =
        Hull.of(
            List.of(
                new Point(0, 4, 0),
                new Point(1, 3.5, 1), // above the line from the first to the third
                new Point(2, 1, 2),
                new Point(3, 2, 3), // larger and worse
                new Point(4, 0, 4)));
    assertThat(hull.points()).extracting(Point::index).containsExactly(0, 2, 4);
    assertThat(hull.at(1)).containsExactly(new Share(0, 0.5), new Share(2, 0.5));
    assertThat(hull.at(9)).containsExactly(new Share(4, 1));
    assertThat(hull.at(-0.1)).isEmpty();
  }

  /** The hull's value is the least of all segments between two points, or of a smaller point. */
  @Test
  void noMeanOfTwoPointsLiesBelowIt() {
    Random random = new Random(7);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      points.add(new Point(random.nextDouble(), random.nextDouble(), i));
    }
    Hull hull = Hull.of(points);
    double smallest = points.stream().mapToDouble(Point::x).min().orElseThrow();
    for (double x = smallest; x < 1.1; x += 0.01) {
      double value =
          hull.at(x).stream().mapToDouble(s -> s.weight() * points.get(s.index()).y()).sum();
      assertThat(value).isCloseTo(least(points, x), within(1e-12));
    }
  }

  private static double least(List<Point> points, double x) {
    double least = Double.POSITIVE_INFINITY;
    for (Point a : points) {
      for (Point b : points) {
        if (a.x() <= x && b.x() > x) {
          double weight = (x - a.x()) / (b.x() - a.x());
          least = Math.min(least, a.y() + weight * (b.y() - a.y()));
        }
      }
      least = a.x() <= x ? Math.min(least, a.y()) : least;
    }
    return least;
  }

  @Test
  void nothingHasNoHull() {
    assertThat(Hull.of(List.of()).at(1)).isEmpty();
  }
}
