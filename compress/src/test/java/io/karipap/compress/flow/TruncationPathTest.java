package io.karipap.compress.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.Pepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncationPathTest {

  private static final double ALL = Double.POSITIVE_INFINITY;

  @TempDir Path folder;

  private record Point(long parameters, double loss) {}

  /** Dense and all ranks that save numbers, with the losses of Eckart and Young. */
  private static List<Point> all(Tensor w) {
    double[] s = Linalg.svd(w).s().toDoubles();
    double energy = 0;
    for (double value : s) {
      energy += value * value;
    }
    List<Point> points = new ArrayList<>(List.of(new Point(64, 0)));
    double left = energy;
    for (int rank = 1; rank <= 3; rank++) {
      left -= s[rank - 1] * s[rank - 1];
      points.add(new Point(16L * rank, left / energy));
    }
    return points;
  }

  /** True if no straight line between two points passes below. */
  private static boolean isOnHull(Point p, List<Point> points) {
    for (Point a : points) {
      for (Point b : points) {
        if (a.parameters() < p.parameters() && p.parameters() < b.parameters()) {
          double t = (double) (p.parameters() - a.parameters()) / (b.parameters() - a.parameters());
          if ((1 - t) * a.loss() + t * b.loss() < p.loss()) {
            return false;
          }
        }
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void pairsAloneAreTheLowerHullOfAllRanks(int seed) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      // between decaying and flat, so that some ranks are on the hull and others are not
      Tensor noise = new RandomTensors(100 + seed).normal(DType.F64, 8, 8).mul(0.3 * seed);
      Tensor w = Paths.decaying(seed).add(noise);
      TruncationPath path = Paths.ofPairs("a", w, 1, folder, owner);
      path.advance(ALL);
      List<Point> points = all(w);
      List<Point> hull = points.stream().filter(p -> isOnHull(p, points)).toList();
      assertThat(path.points()).hasSameSizeAs(hull);
      for (PathPoint point : path.points()) {
        Point same =
            hull.stream()
                .filter(p -> p.parameters() == point.parameters())
                .findFirst()
                .orElseThrow();
        assertThat(point.loss()).isCloseTo(same.loss(), within(1e-12));
      }
    }
  }

  @Test
  void aPriceEndsThePathWhereTheNextStepCostsMore() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      TruncationPath path = Paths.ofPairs("a", Paths.decaying(1), 1, folder, owner);
      double price = path.price();
      path.advance(0.999 * price);
      assertThat(path.points()).hasSize(1);
      path.advance(price);
      assertThat(path.points()).hasSizeGreaterThan(1);
      assertThat(path.price()).isGreaterThan(price);
    }
  }

  @Test
  void aProductOperatorGoesDownThroughRings() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      TruncationPath path = Paths.withRings("a", product(), 40, folder, owner);
      path.advance(ALL);
      List<PathPoint> rings =
          path.points().stream().filter(p -> p.factorization() instanceof Pepo).toList();
      assertThat(rings).isNotEmpty();
      for (PathPoint ring : rings) {
        double error = path.matrix().matrix().squaredError(ring.factorization().matrix());
        assertThat(ring.squaredError()).isCloseTo(error, within(1e-5));
      }
    }
  }

  /** Every step is the cheapest of all ranks and of the next ring, tried one by one. */
  @Test
  void everyStepIsTheCheapestOfAllThatThereAre() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Tensor w = product().add(Paths.decaying(7).mul(0.5));
      TruncationPath path = Paths.withRings("a", w, 40, folder.resolve("path"), owner);
      folder.resolve("path").toFile().mkdirs();
      folder.resolve("rings").toFile().mkdirs();
      path.advance(ALL);
      RingSequence rings = Paths.rings(path.matrix(), 40, folder.resolve("rings"), owner);
      List<PathPoint> points = path.points();
      assertThat(points).hasSizeGreaterThan(2);
      for (int i = 1; i < points.size(); i++) {
        PathPoint here = points.get(i - 1);
        List<PathPoint> ways = new ArrayList<>();
        for (int rank = 1; rank <= 3; rank++) {
          ways.add(path.rank(rank));
        }
        Optional<PathPoint> ring = rings.below(here);
        ring.ifPresent(ways::add);
        double cheapest =
            ways.stream()
                .filter(way -> way.parameters() < here.parameters())
                .mapToDouble(way -> way.slopeFrom(here))
                .min()
                .orElseThrow();
        assertThat(points.get(i).slopeFrom(here)).isCloseTo(cheapest, within(1e-9));
      }
    }
  }

  @Test
  void anInterruptedPathGoesOnFromItsStoredRings() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      List<List<PathPoint>> paths = new ArrayList<>();
      for (int run = 0; run < 2; run++) {
        TruncationPath path = Paths.withRings("a", product(), 40, folder, owner);
        path.advance(ALL);
        paths.add(path.points());
      }
      assertThat(paths.getLast())
          .extracting(PathPoint::action)
          .isEqualTo(paths.getFirst().stream().map(PathPoint::action).toList());
      for (int i = 0; i < paths.getFirst().size(); i++) {
        assertThat(paths.getLast().get(i).loss()).isEqualTo(paths.getFirst().get(i).loss());
      }
    }
  }

  /** A Kronecker product of rank 8: a ring of bond 1 along one direction, and no pair. */
  private static Tensor product() {
    RandomTensors random = new RandomTensors(5);
    Tensor a = random.normal(DType.F64, 4, 4).reshape(4, 1, 4, 1);
    Tensor b = random.normal(DType.F64, 2, 2).reshape(1, 2, 1, 2);
    return a.mul(b).reshape(8, 8);
  }
}
