package io.karipap.compress.flow;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Progress;
import io.karipap.compress.ProgressCounter;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.cost.CostModel;
import io.karipap.compress.cost.MatrixBudget;
import io.karipap.compress.fit.LowRankPairs;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.plan.Candidate;
import io.karipap.compress.plan.RateDistortionAllocator;
import io.karipap.compress.plan.RateDistortionCurve;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.PepoFit;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The renormalisation flow: all matrices begin dense and lose what costs the least estimated nats
 * per parameter, until the model is small enough.
 *
 * <p>In the metric with both sides a matrix's loss does not depend on the others, so every matrix
 * has a way down of its own ({@link TruncationPath}). A price per parameter rises round by round;
 * in each, all tracks go on, in parallel, as far as the price pays. Merged by price, their steps
 * are those of the greedy choice over all bonds of all matrices.
 *
 * <p>Memory: for matrices [m, n] with k = min(m, n), the sum of 8 m n + 4 k (m + n) + 24 m^2 bytes,
 * and 24 n^2 for every distinct input, besides 8 (12 m n + 4 D^4) in each worker for the largest
 * matrix and bond D of a ring; and 4 bytes for each parameter of the networks passed through.
 */
public final class BondFlow {

  /** The price of a round against that of the one before. */
  private static final double RISE = 1.5;

  /** The divergence is measured whenever this part of the original's parameters is gone. */
  private static final double WATCH = 0.08;

  /** Nats that the whole model is worth at the first price at least: nothing is quite free. */
  private static final double FREE = 1e-4;

  /** A measured divergence corrects its estimate by this factor at most, up or down. */
  private static final double TRUSTED = 100;

  /** Size of the first ring of a matrix, against its share of the target. */
  private static final double GENEROUS = 1.6;

  /** A ring's squared error is hardly ever below this part of that of low rank in its size. */
  private static final double HOPED = 0.5;

  /** What is left of the budget below this part of it is left. */
  private static final double CLOSE = 0.002;

  private final ModelConfig config;
  private final Weights original;
  private final CalibrationSplit data;
  private final BondFlowSettings settings;
  private final FitOptions options;
  private final FitCheckpoint store;
  private final Progress progress;

  public BondFlow(
      ModelConfig config,
      Weights original,
      CalibrationSplit data,
      BondFlowSettings settings,
      FitOptions options,
      FitCheckpoint store,
      Progress progress) {
    this.config = config;
    this.original = original;
    this.data = data;
    this.settings = settings;
    this.options = options;
    this.store = store;
    this.progress = progress;
  }

  /**
   * What a flow ends with.
   *
   * @param matrices in the order of the model, their numbers not coded yet
   * @param numbers how those are to be coded, by name; others stay as they are
   * @param trace how they came about
   */
  public record Result(
      List<FittedMatrix> matrices, Map<String, QuantizationSpec> numbers, AllocationTrace trace) {}

  /** A step of one track. */
  private record Move(TruncationPath track, int step, double price) {}

  /**
   * Lets a model flow.
   *
   * @param budget if of parameters, the flow goes on until it is met; another one is spent by a
   *     {@link RateDistortionAllocator} on what the flow came by
   * @param schemes to code numbers in, where that saves what the budget counts
   * @param owner holds the cores of the result
   * @throws IllegalArgumentException if the budget is too small for the smallest networks
   */
  public Result run(
      Budget budget,
      List<QuantizationScheme> schemes,
      CalibrationStatistics statistics,
      GradientStatistics gradients,
      TensorOwner owner) {
    List<MatrixSpec> names = MatrixSpec.all(config);
    MatrixBudget matrices = MatrixBudget.of(budget, config, original);
    CostModel price = matrices.cost();
    long left = matrices.units();
    double target = matrices.share();
    boolean networks = target < 1 && budget.unit().paysNetworks();
    List<QuantizationScheme> coded = budget.unit().paysCodes() ? schemes : List.of();
    try (var held = new TensorOwner();
        var workers = new Workers(Threads.available())) {
      SingleMatrixKl probe = data.probe(config, original, held);
      List<TruncationPath> tracks =
          tracks(
              target,
              networks ? GENEROUS * target : 0,
              coded,
              statistics,
              gradients,
              probe,
              held,
              workers);
      AllocationTrace trace = new AllocationTrace(new ArrayList<>(), new ArrayList<>());
      if (budget.unit() == CostUnit.PARAMETERS) {
        long limit = price.fixed() + left;
        List<Move> moves = flow(tracks, limit, Optional.of(trace), workers);
        Map<TruncationPath, PathPoint> states = within(tracks, moves, limit, trace);
        fill(states, limit);
        return new Result(refit(states, statistics, owner, workers), Map.of(), trace);
      }
      // only for the rings on the way: the planner measures what it has chosen
      var _ = flow(tracks, Math.round(target * original.parameters()), Optional.empty(), workers);
      List<Candidate> plan = plan(price, left, names, coded, tracks, trace, probe, workers);
      Map<TruncationPath, PathPoint> states = new LinkedHashMap<>();
      Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
      for (int i = 0; i < plan.size(); i++) {
        states.put(tracks.get(i), plan.get(i).state());
        String name = names.get(i).name();
        plan.get(i).numbers().ifPresent(coding -> numbers.put(name, coding));
      }
      return new Result(refit(states, statistics, owner, workers), numbers, trace);
    }
  }

  private List<Candidate> plan(
      CostModel price,
      long budget,
      List<MatrixSpec> names,
      List<QuantizationScheme> schemes,
      List<TruncationPath> tracks,
      AllocationTrace trace,
      SingleMatrixKl probe,
      Workers workers) {
    RateDistortionCurve curve = new RateDistortionCurve(price, schemes);
    List<AtomicReference<List<Candidate>>> curves = new ArrayList<>();
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      MatrixSpec name = names.get(i);
      TruncationPath track = tracks.get(i);
      AtomicReference<List<Candidate>> made = new AtomicReference<>(List.of());
      curves.add(made);
      tasks.add(() -> made.set(curve.of(name, track)));
    }
    progress.stage("rate and distortion", tasks.size());
    parallel(tasks, workers);
    return new RateDistortionAllocator(config, original, data, probe, progress, workers)
        .choose(
            tracks.stream().map(TruncationPath::matrix).toList(),
            curves.stream().map(AtomicReference::get).toList(),
            budget,
            trace);
  }

  private List<TruncationPath> tracks(
      double target,
      double firstRing,
      List<QuantizationScheme> schemes,
      CalibrationStatistics statistics,
      GradientStatistics gradients,
      SingleMatrixKl probe,
      TensorOwner held,
      Workers workers) {
    WeightedMatrices matrices = new WeightedMatrices(config, original, statistics, gradients);
    IdentityHashMap<Tensor, List<MatrixSpec>> groups = new IdentityHashMap<>();
    List<MatrixSpec> all = MatrixSpec.all(config);
    Map<String, WeightedMatrix> made = new ConcurrentHashMap<>();
    List<Runnable> tasks = new ArrayList<>();
    for (MatrixSpec name : all) {
      if (name.inBlock()) {
        Tensor c = statistics.covariance(name.name());
        groups.computeIfAbsent(c, _ -> new ArrayList<>()).add(name);
      } else {
        tasks.add(() -> made.put(name.name(), matrices.outside(name.name()).heldBy(held)));
      }
    }
    groups.forEach((c, names) ->
        tasks.add(() -> {
          Metric inputs = Metric.of(c);
          names.forEach(
              name -> made.put(name.name(), matrices.inBlock(name.name(), inputs).heldBy(held)));
        }));
    progress.stage("metrics", tasks.size());
    parallel(tasks, workers);
    progress.stage("sensitivities", all.size());
    parallel(
        made.values().stream()
            .<Runnable>map(matrix ->
                () ->
                    made.put(
                        matrix.name(),
                        matrix
                            .scaled(sensitivity(matrix, target, probe))
                            .withNetworks(networksPay(matrix, target, schemes))))
            .toList(),
        workers);
    List<TruncationPath> tracks = new ArrayList<>();
    for (MatrixSpec name : all) {
      WeightedMatrix matrix = Objects.requireNonNull(made.get(name.name()));
      long ring = (long) (Math.min(0.9, firstRing) * matrix.elements());
      tracks.add(
          new TruncationPath(matrix, ring, original.matrix(name.name()), options, store, held));
    }
    return tracks;
  }

  /**
   * False where a dense matrix in few bits loses less than any ring of its size in bytes can be
   * hoped to: fitting rings is what takes a flow most of its time.
   */
  private static boolean networksPay(
      WeightedMatrix matrix, double target, List<QuantizationScheme> schemes) {
    LowRankPairs pairs = matrix.lowRank();
    for (double share : List.of(target, Math.min(0.9, GENEROUS * target))) {
      long size = (long) (share * matrix.elements());
      int rank = (int) Math.min(size / pairs.parameters(1), pairs.ranks());
      double ring = HOPED * pairs.squaredErrors().get(rank);
      double dense =
          schemes.stream()
              .filter(scheme -> scheme.format().bitsPerNumber() <= 8 * share)
              .max(Comparator.comparingDouble(scheme -> scheme.format().bitsPerNumber()))
              .map(scheme -> rounded(matrix, scheme))
              .orElse(Double.POSITIVE_INFINITY);
      if (ring < dense) {
        return true;
      }
    }
    return false;
  }

  /** Squared error of the dense matrix with its numbers coded. */
  private static double rounded(WeightedMatrix matrix, QuantizationScheme scheme) {
    try (var _ = new TensorScope()) {
      return matrix.squaredError(
          RateDistortionCurve.rounded(matrix, new Dense(matrix.w()), QuantizationSpec.of(scheme))
              .matrix());
    }
  }

  /**
   * The divergence of the model with one matrix cut to its share of the target, measured, against
   * its estimate. The estimate takes inputs and gradients for independent and the divergence for
   * quadratic; what it misses of a matrix is much the same all the way down.
   */
  private double sensitivity(WeightedMatrix matrix, double target, SingleMatrixKl probe) {
    LowRankPairs pairs = matrix.lowRank();
    long share = (long) (target * matrix.elements() / pairs.parameters(1));
    int rank = Math.clamp(share, 1, pairs.ranks());
    double estimate = matrix.energy() * pairs.squaredErrors().get(rank);
    if (!(estimate > 0)) {
      return 1;
    }
    double measured = probe.divergence(matrix.name(), pairs.at(rank));
    return Math.clamp(measured / estimate, 1 / TRUSTED, TRUSTED);
  }

  /**
   * Raises the price until the model is small enough or diverges too far.
   *
   * @param watch takes the divergences that are measured on the way; none are without it
   */
  private List<Move> flow(
      List<TruncationPath> tracks, long budget, Optional<AllocationTrace> watch, Workers workers) {
    progress.stage("first networks", tracks.size());
    parallel(tracks.stream().<Runnable>map(track -> track::next).toList(), workers);
    double price = Double.POSITIVE_INFINITY;
    for (TruncationPath track : tracks) {
      price = Math.min(price, price(track));
    }
    price = Math.max(price, FREE / original.parameters());
    progress.stage("flow", 100);
    long before = original.parameters();
    long watched = before;
    List<Move> moves = List.of();
    long size = before;
    while (size > budget) {
      double now = price;
      parallel(
          tracks.stream().<Runnable>map(track -> () -> track.advance(now)).toList(),
          workers,
          false);
      moves = moves(tracks);
      size = size(tracks, moves);
      progress.at(Math.min(100, 100 * (before - size) / Math.max(1, before - budget)), "");
      if (watch.isPresent() && (watched - size >= WATCH * before || size <= budget)) {
        AllocationTrace trace = watch.get();
        int count = size <= budget ? count(moves, budget) : moves.size();
        watched = size(tracks, moves.subList(0, count));
        if (measure(tracks, moves.subList(0, count), trace) > settings.maxKl()) {
          return bisected(tracks, moves.subList(0, count), trace);
        }
      }
      if (tracks.stream().noneMatch(track -> price(track) < Double.POSITIVE_INFINITY)
          && size > budget) {
        throw new IllegalArgumentException(
            "the target is too small: the smallest networks have %d parameters, more than %d; keep more"
                .formatted(size, budget));
      }
      price *= RISE;
    }
    return moves;
  }

  private static double price(TruncationPath track) {
    try (var _ = new TensorScope()) {
      return track
          .next()
          .map(next -> Math.max(0, next.slopeFrom(track.path().getLast())))
          .orElse(Double.POSITIVE_INFINITY);
    }
  }

  /** All steps so far by price; a step is never cheaper than those of its track before it. */
  private static List<Move> moves(List<TruncationPath> tracks) {
    List<Move> moves = new ArrayList<>();
    for (TruncationPath track : tracks) {
      List<PathPoint> path = track.path();
      double price = 0;
      for (int step = 1; step < path.size(); step++) {
        price = Math.max(price, path.get(step).slopeFrom(path.get(step - 1)));
        moves.add(new Move(track, step, price));
      }
    }
    moves.sort(Comparator.comparingDouble(Move::price)); // stable: the order of the model decides
    return moves;
  }

  private static Map<TruncationPath, PathPoint> states(
      List<TruncationPath> tracks, List<Move> moves) {
    Map<TruncationPath, PathPoint> states = new LinkedHashMap<>();
    tracks.forEach(track -> states.put(track, track.path().getFirst()));
    moves.forEach(move -> states.put(move.track(), move.track().path().get(move.step())));
    return states;
  }

  private long size(List<TruncationPath> tracks, List<Move> moves) {
    return size(states(tracks, moves));
  }

  private long size(Map<TruncationPath, PathPoint> states) {
    long size = original.parameters();
    for (var state : states.entrySet()) {
      size += state.getValue().parameters() - state.getKey().matrix().elements();
    }
    return size;
  }

  /** How many moves bring the model within the budget. */
  private int count(List<Move> moves, long budget) {
    long size = original.parameters();
    int count = 0;
    while (size > budget && count < moves.size()) {
      size -= saved(moves.get(count));
      count++;
    }
    return count;
  }

  private static long saved(Move move) {
    List<PathPoint> path = move.track().path();
    return path.get(move.step() - 1).parameters() - path.get(move.step()).parameters();
  }

  private double measure(List<TruncationPath> tracks, List<Move> moves, AllocationTrace trace) {
    Map<TruncationPath, PathPoint> states = states(tracks, moves);
    Map<String, Factorization> weights = new LinkedHashMap<>();
    states.forEach((track, state) -> weights.put(track.matrix().name(), state.factorization()));
    double loss = states.values().stream().mapToDouble(PathPoint::loss).sum();
    Weights compressed = original.with(weights);
    double kl = data.divergence(config, original, compressed);
    trace.divergences().add(new AllocationTrace.Divergence(size(states), loss, kl));
    return kl;
  }

  /** The most moves that keep the divergence within the bound, by bisection. */
  private List<Move> bisected(
      List<TruncationPath> tracks, List<Move> moves, AllocationTrace trace) {
    int good = 0;
    int bad = moves.size();
    while (bad - good > 1) {
      int middle = (good + bad) / 2;
      if (measure(tracks, moves.subList(0, middle), trace) > settings.maxKl()) {
        bad = middle;
      } else {
        good = middle;
      }
    }
    trace.divergences().sort(Comparator.comparingLong(d -> -d.modelParameters()));
    return moves.subList(0, good);
  }

  /** Makes the moves one by one until the budget is met, and traces them. */
  private Map<TruncationPath, PathPoint> within(
      List<TruncationPath> tracks, List<Move> moves, long budget, AllocationTrace trace) {
    List<Move> made = moves.subList(0, count(moves, budget));
    long size = original.parameters();
    double loss = 0;
    for (Move move : made) {
      List<PathPoint> path = move.track().path();
      PathPoint state = path.get(move.step());
      size -= saved(move);
      loss += state.loss() - path.get(move.step() - 1).loss();
      trace
          .steps()
          .add(
              new AllocationTrace.Step(
                  move.track().matrix().name(),
                  state.action(),
                  state.parameters(),
                  Math.sqrt(state.squaredError()),
                  size,
                  loss));
    }
    return states(tracks, made);
  }

  /** Gives what the last move saved too much to the ranks that gain the most by it. */
  private void fill(Map<TruncationPath, PathPoint> states, long budget) {
    long left = budget - size(states);
    boolean grown = settings.maxKl() == Double.POSITIVE_INFINITY;
    while (grown && left > CLOSE * budget) {
      grown = false;
      double best = 0;
      TruncationPath winner = states.keySet().iterator().next();
      PathPoint next = winner.path().getFirst();
      for (var entry : states.entrySet()) {
        TruncationPath track = entry.getKey();
        if (entry.getValue().factorization() instanceof LowRank(Tensor pair, Tensor _)
            && pair.size(1) < track.matrix().lowRank().ranks()
            && track.matrix().lowRank().parameters(1) <= left
            && track.matrix().lowRank().parameters(pair.size(1) + 1) < track.matrix().elements()) {
          PathPoint larger = track.rank(pair.size(1) + 1);
          double gain = entry.getValue().slopeFrom(larger);
          if (gain > best) {
            best = gain;
            winner = track;
            next = larger;
            grown = true;
          }
        }
      }
      if (grown) {
        left -= winner.matrix().lowRank().parameters(1);
        states.put(winner, next);
      }
    }
  }

  private List<FittedMatrix> refit(
      Map<TruncationPath, PathPoint> states,
      CalibrationStatistics statistics,
      TensorOwner owner,
      Workers workers) {
    List<Runnable> tasks = new ArrayList<>();
    states.forEach((track, state) -> tasks.add(() -> refit(track.matrix(), state, statistics)));
    progress.stage("fitting", tasks.size());
    parallel(tasks, workers);
    return states.keySet().stream()
        .map(track -> store.loadOne(track.matrix().name(), owner).orElseThrow())
        .toList();
  }

  private void refit(WeightedMatrix matrix, PathPoint state, CalibrationStatistics statistics) {
    try (var held = new TensorOwner()) {
      if (store.load(matrix.name(), held).isPresent()) {
        return;
      }
    }
    Factorization rounded =
        switch (state.factorization()) {
          case Pepo pepo -> {
            Fitted fitted = PepoFit.from(pepo.to(DType.F64), matrix.w(), matrix.metric(), options);
            yield fitted.factorization().to(DType.F32);
          }
          case Dense _, LowRank _, BlockTensorTrain _, UnitCell _, Quantized _, Sum _, Sparse _ ->
              state.factorization().map(Tensor::contiguous);
        };
    double error =
        switch (rounded) {
          case Dense _ -> 0;
          case LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sum _, Sparse _ ->
              matrix.name().equals(Decoder.EMBEDDINGS)
                  ? Math.sqrt(state.squaredError())
                  : Metric.of(statistics.covariance(matrix.name()))
                      .error(matrix.w(), rounded.to(DType.F64).matrix());
        };
    store.save(new FittedMatrix(rounded, StoredFactorization.entry(matrix.name(), rounded, error)));
  }

  private void parallel(List<Runnable> tasks, Workers workers) {
    parallel(tasks, workers, true);
  }

  private void parallel(List<Runnable> tasks, Workers workers, boolean report) {
    ProgressCounter done = new ProgressCounter(progress);
    workers.runAll(
        tasks.stream()
            .<Runnable>map(task ->
                () -> {
                  task.run();
                  if (report) {
                    done.add("");
                  }
                })
            .toList());
  }
}
