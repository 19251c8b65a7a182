package io.karipap.compress.flow;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Factorization;
import io.karipap.network.Pepo;
import io.karipap.network.fit.BestLattice;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.network.truncate.FullUpdate;
import io.karipap.network.truncate.SimpleUpdate;
import io.karipap.network.truncate.TruncatedPepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A ring of four tensors that loses one bond after the other. Every ring is computed when it is
 * asked for, and kept for an interrupted run.
 */
final class RingSequence {

  /** Iterations of the refit after a truncation. */
  private static final int REFIT_ITERATIONS = 12;

  /** A ring that starts with this multiple of the low-rank error will not catch up: given up. */
  private static final double GIVE_UP_RATIO = 1.3;

  private final SensitiveMatrix matrix;
  private final long largest;
  private final FitOptions options;
  private final FitCheckpoint store;
  private final TensorOwner owner;
  private Optional<PathPoint> ring = Optional.empty();
  private int computed;
  private boolean more;

  /**
   * A sequence before its first ring.
   *
   * @param largest parameters of the first ring
   * @param options of the first ring's fit: the others inherit from it
   * @param owner holds the cores
   */
  RingSequence(
      SensitiveMatrix matrix,
      long largest,
      FitOptions options,
      FitCheckpoint store,
      TensorOwner owner) {
    this.matrix = matrix;
    this.largest = largest;
    this.options = options;
    this.store = store;
    this.owner = owner;
    more = matrix.networks();
  }

  /** The largest ring below a point, if there is one. */
  Optional<PathPoint> below(PathPoint here) {
    while (more && ring.map(r -> r.parameters() >= here.parameters()).orElse(true)) {
      advance();
    }
    return ring.filter(r -> r.parameters() < here.parameters());
  }

  /** The first ring, or the next smaller one; from the store if an earlier run has been there. */
  private void advance() {
    String name = "flow.%d.%s".formatted(computed, matrix.name());
    Optional<PathPoint> known = store.loadOne(name, owner).map(this::point);
    try (var _ = new TensorScope()) {
      Optional<PathPoint> next = known.isPresent() ? known : computed().map(s -> saved(s, name));
      next = next.map(this::named);
      more = next.isPresent() && !isTooFarFromLowRank(next.get());
      ring = more ? next : Optional.empty();
      computed++;
    }
  }

  private boolean isTooFarFromLowRank(PathPoint point) {
    int rank = matrix.rankWithin(point.parameters());
    return point.squaredError() > GIVE_UP_RATIO * matrix.lowRank().squaredErrors().get(rank);
  }

  private Optional<PathPoint> computed() {
    return ring.isEmpty() ? first() : smaller(ring.get());
  }

  private Optional<PathPoint> first() {
    Tensor w = matrix.matrix().w();
    boolean none = LatticeSearch.candidates(w.size(0), w.size(1), 2, 2, largest).isEmpty();
    return none
        ? Optional.empty()
        : Optional.of(point(BestLattice.fit(w, matrix.matrix().metric(), 2, 2, largest, options)));
  }

  /**
   * The bond goes whose truncation costs the least per parameter, by the true error after a simple
   * update; then it is truncated in its environment and all four tensors are refitted.
   */
  private Optional<PathPoint> smaller(PathPoint here) {
    WeightedMatrix weighted = matrix.matrix();
    Pepo wide = (Pepo) here.factorization().to(DType.F64);
    int bond = -1;
    int dimension = 0;
    double slope = Double.POSITIVE_INFINITY;
    for (int b = 0; b < wide.lattice().bonds(); b++) {
      Optional<Integer> smaller = smaller(wide.lattice(), b);
      if (smaller.isPresent()) {
        try (var _ = new TensorScope()) {
          Pepo tried = SimpleUpdate.truncate(wide, b, smaller.get());
          double error = weighted.squaredError(tried.matrix());
          double cost = (error - here.squaredError()) / (wide.parameters() - tried.parameters());
          if (cost < slope) {
            slope = cost;
            bond = b;
            dimension = smaller.get();
          }
        }
      }
    }
    if (bond < 0) {
      return Optional.empty();
    }
    TruncatedPepo next =
        FullUpdate.truncate(wide, bond, dimension, weighted.w(), weighted.metric())
            .refitted(weighted.w(), weighted.metric(), options.withIterations(REFIT_ITERATIONS));
    return Optional.of(point(new Fitted(next.pepo(), next.squaredError(), REFIT_ITERATIONS)));
  }

  /** The bond dimension that saves a step's part of the network, if there is one. */
  private static Optional<Integer> smaller(Lattice lattice, int bond) {
    List<Integer> bonds = new ArrayList<>(lattice.bondDimensions());
    long limit = TruncationPath.nextSize(lattice.parameters());
    for (int d = bonds.get(bond) - 1; d >= 1; d--) {
      bonds.set(bond, d);
      if (lattice.withBonds(bonds).parameters() <= limit) {
        return Optional.of(d);
      }
    }
    return Optional.empty();
  }

  private PathPoint saved(PathPoint point, String name) {
    store.save(
        new FittedMatrix(
            point.factorization(),
            StoredFactorization.entry(
                name, point.factorization(), Math.sqrt(point.squaredError()))));
    return new PathPoint(
        point.factorization().map(owner::own), point.action(), point.squaredError(), point.loss());
  }

  private PathPoint point(FittedMatrix fitted) {
    return point(fitted.factorization(), fitted.entry().error());
  }

  /** With cores rounded to what is stored, so that an interrupted flow goes on from the same. */
  private PathPoint point(Fitted fitted) {
    return point(fitted.factorization().to(DType.F32), Math.sqrt(fitted.squaredError()));
  }

  private PathPoint point(Factorization f, double error) {
    return new PathPoint(f, "ring", error * error, matrix.nats() * error * error);
  }

  /** Says which bond became smaller. */
  private PathPoint named(PathPoint point) {
    if (ring.isEmpty()) {
      return point;
    }
    List<Integer> before = ((Pepo) ring.get().factorization()).lattice().bondDimensions();
    List<Integer> after = ((Pepo) point.factorization()).lattice().bondDimensions();
    for (int b = 0; b < before.size(); b++) {
      if (!before.get(b).equals(after.get(b))) {
        String action = "bond %d: %d -> %d".formatted(b, before.get(b), after.get(b));
        return new PathPoint(point.factorization(), action, point.squaredError(), point.loss());
      }
    }
    return point;
  }
}
