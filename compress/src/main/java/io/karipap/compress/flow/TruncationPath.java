package io.karipap.compress.flow;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The way of one matrix from dense down to little: the lower envelope of its low-rank
 * factorisations, which are known in closed form, and of a ring of four tensors that loses one bond
 * after the other. Networks are computed when the envelope has come down to them.
 */
public final class TruncationPath {

  /** A step removes about this part of a matrix at least. */
  private static final double STEP = 0.05;

  /** Iterations of the refit after a truncation. */
  private static final int REFIT = 12;

  /** A ring that starts with this multiple of the low-rank error will not catch up: given up. */
  private static final double HOPELESS = 1.3;

  private final WeightedMatrix matrix;
  private final long largestRing;
  private final FitOptions options;
  private final FitCheckpoint store;
  private final TensorOwner owner;
  private final List<PathPoint> path = new ArrayList<>();
  private Optional<PathPoint> ring = Optional.empty();
  private int rings;
  private boolean moreRings;

  /**
   * A track at its beginning.
   *
   * @param largestRing parameters of the first ring
   * @param original the dense matrix
   * @param options of the first ring's fit: what the others inherit from it
   */
  TruncationPath(
      WeightedMatrix matrix,
      long largestRing,
      Factorization original,
      FitOptions options,
      FitCheckpoint store,
      TensorOwner owner) {
    this.matrix = matrix;
    this.largestRing = largestRing;
    this.options = options;
    this.store = store;
    this.owner = owner;
    moreRings = matrix.networks();
    path.add(new PathPoint(original, "dense", 0, 0));
  }

  public WeightedMatrix matrix() {
    return matrix;
  }

  /** All states so far, the dense one first. */
  public List<PathPoint> path() {
    return List.copyOf(path);
  }

  /** Goes on as long as a parameter saved costs at most so many nats. */
  void advance(double slope) {
    Optional<PathPoint> next = next();
    while (next.isPresent() && next.get().slopeFrom(path.getLast()) <= slope) {
      path.add(next.get());
      next = next();
    }
  }

  /** The cheapest way down from here, of those that the low-rank pairs and the next ring offer. */
  Optional<PathPoint> next() {
    PathPoint here = path.getLast();
    while (moreRings && ring.map(r -> r.parameters() >= here.parameters()).orElse(true)) {
      computeRing();
    }
    List<PathPoint> ways = new ArrayList<>();
    ring.filter(r -> r.parameters() < here.parameters()).ifPresent(ways::add);
    bestRank(here).ifPresent(ways::add);
    return ways.stream().min(Comparator.comparingDouble(way -> way.slopeFrom(here)));
  }

  private Optional<PathPoint> bestRank(PathPoint here) {
    int best = 0;
    double slope = Double.POSITIVE_INFINITY;
    long limit = (long) Math.floor((1 - STEP) * here.parameters());
    for (int rank = 1; rank <= matrix.lowRank().ranks(); rank++) {
      long size = matrix.lowRank().parameters(rank);
      // one rank is always a step, however large
      boolean small = size <= limit || isNextRank(here, rank);
      double loss = matrix.energy() * matrix.lowRank().squaredErrors().get(rank);
      double cost = (loss - here.loss()) / (here.parameters() - size);
      if (size < here.parameters() && small && cost <= slope) {
        best = rank;
        slope = cost;
      }
    }
    return best == 0 ? Optional.empty() : Optional.of(rank(best));
  }

  private static boolean isNextRank(PathPoint here, int rank) {
    return here.factorization() instanceof LowRank(Tensor left, Tensor _)
        && rank == left.size(1) - 1
        && rank < 1 / STEP;
  }

  /** The state of a rank. */
  public PathPoint rank(int rank) {
    double error = matrix.lowRank().squaredErrors().get(rank);
    LowRank pair = matrix.lowRank().at(rank);
    pair.cores().forEach(owner::own);
    return new PathPoint(pair, "rank " + rank, error, matrix.energy() * error);
  }

  /** The first ring, or the next smaller one; from the store if an earlier run has been there. */
  private void computeRing() {
    String name = "flow.%d.%s".formatted(rings, matrix.name());
    Optional<PathPoint> known = store.loadOne(name, owner).map(fitted -> state(fitted, "ring"));
    try (var _ = new TensorScope()) {
      Optional<PathPoint> made = known.isPresent() ? known : makeRing().map(s -> saved(s, name));
      made = made.map(state -> named(state));
      moreRings = made.isPresent() && !hopeless(made.get());
      ring = moreRings ? made : Optional.empty();
      rings++;
    }
  }

  private boolean hopeless(PathPoint state) {
    int rank =
        (int)
            Math.min(state.parameters() / matrix.lowRank().parameters(1), matrix.lowRank().ranks());
    return state.squaredError() > HOPELESS * matrix.lowRank().squaredErrors().get(rank);
  }

  private Optional<PathPoint> makeRing() {
    return ring.isEmpty() ? firstRing() : smallerRing((Pepo) ring.get().factorization());
  }

  private Optional<PathPoint> firstRing() {
    Tensor w = matrix.w();
    boolean none = LatticeSearch.candidates(w.size(0), w.size(1), 2, 2, largestRing).isEmpty();
    return none
        ? Optional.empty()
        : Optional.of(
            state(BestLattice.fit(w, matrix.metric(), 2, 2, largestRing, options), "ring"));
  }

  /**
   * The bond goes whose truncation costs the least per parameter, by the true error after a simple
   * update; then it is truncated in its environment and all four tensors are refitted.
   */
  private Optional<PathPoint> smallerRing(Pepo ring) {
    Pepo wide = ring.to(DType.F64);
    double before = this.ring.orElseThrow().squaredError();
    int bond = -1;
    int dimension = 0;
    double slope = Double.POSITIVE_INFINITY;
    for (int b = 0; b < wide.lattice().bonds(); b++) {
      Optional<Integer> smaller = smaller(wide.lattice(), b);
      if (smaller.isPresent()) {
        try (var _ = new TensorScope()) {
          Pepo tried = SimpleUpdate.truncate(wide, b, smaller.get());
          double error = matrix.metric().squaredError(matrix.w(), tried.matrix());
          double cost = (error - before) / (wide.parameters() - tried.parameters());
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
        FullUpdate.truncate(wide, bond, dimension, matrix.w(), matrix.metric())
            .refitted(matrix.w(), matrix.metric(), options.withIterations(REFIT));
    return Optional.of(state(new Fitted(next.pepo(), next.squaredError(), REFIT), "ring"));
  }

  /** The bond dimension that saves a step's part of the network, if there is one. */
  private static Optional<Integer> smaller(Lattice lattice, int bond) {
    List<Integer> bonds = new ArrayList<>(lattice.bondDimensions());
    long limit = (long) Math.floor((1 - STEP) * lattice.parameters());
    for (int d = bonds.get(bond) - 1; d >= 1; d--) {
      bonds.set(bond, d);
      if (lattice.withBonds(bonds).parameters() <= limit) {
        return Optional.of(d);
      }
    }
    return Optional.empty();
  }

  private PathPoint saved(PathPoint state, String name) {
    store.save(
        new FittedMatrix(
            state.factorization(),
            StoredFactorization.entry(
                name, state.factorization(), Math.sqrt(state.squaredError()))));
    return new PathPoint(
        state.factorization().map(owner::own), state.action(), state.squaredError(), state.loss());
  }

  private PathPoint state(FittedMatrix fitted, String action) {
    double error = fitted.entry().error() * fitted.entry().error();
    return new PathPoint(fitted.factorization(), action, error, matrix.energy() * error);
  }

  /** With cores rounded to what is stored, so that an interrupted flow goes on from the same. */
  private PathPoint state(Fitted fitted, String action) {
    Factorization rounded = fitted.factorization().to(DType.F32);
    double root = Math.sqrt(fitted.squaredError());
    return new PathPoint(rounded, action, root * root, matrix.energy() * root * root);
  }

  /** Says which bond became smaller. */
  private PathPoint named(PathPoint state) {
    if (ring.isEmpty()) {
      return state;
    }
    List<Integer> before = ((Pepo) ring.get().factorization()).lattice().bondDimensions();
    List<Integer> after = ((Pepo) state.factorization()).lattice().bondDimensions();
    for (int b = 0; b < before.size(); b++) {
      if (!before.get(b).equals(after.get(b))) {
        String action = "bond %d: %d -> %d".formatted(b, before.get(b), after.get(b));
        return new PathPoint(state.factorization(), action, state.squaredError(), state.loss());
      }
    }
    return state;
  }
}
