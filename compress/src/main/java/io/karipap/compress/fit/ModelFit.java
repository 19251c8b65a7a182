package io.karipap.compress.fit;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.ProgressCounter;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.SharedTensors;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.cell.BestCell;
import io.karipap.network.fit.cell.CellTarget;
import io.karipap.network.fit.cell.FittedCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;

/**
 * Fits all matrices of a plan, as many at a time as there are processors and as fit into memory.
 * Matrices that share an input share its metric and are fitted one after the other, so that it is
 * factorised once.
 */
public final class ModelFit {

  private static final long MIB = 1 << 20;

  private final ModelConfig config;
  private final Weights weights;
  private final CalibrationStatistics statistics;
  private final MatrixFit fit;
  private final FitCheckpoint store;
  private final Progress progress;
  private final int cellBlocks;
  private final ProgressCounter done;

  public ModelFit(
      ModelConfig config,
      Weights weights,
      CalibrationStatistics statistics,
      MatrixFit fit,
      FitCheckpoint store,
      Progress progress,
      int cellBlocks) {
    this.config = config;
    this.weights = weights;
    this.statistics = statistics;
    this.fit = fit;
    this.store = store;
    this.progress = progress;
    this.done = new ProgressCounter(progress);
    this.cellBlocks = cellBlocks;
  }

  /**
   * The fitted matrices in the order of the plan.
   *
   * @param memory bytes that all fits together may take; a single one that needs more runs alone
   * @param owner holds the cores
   */
  public List<FittedMatrix> run(Plan plan, long memory, TensorOwner owner) {
    List<SharedCellGroup> cells = SharedCellGroup.of(plan, config, cellBlocks);
    List<Work> separate = groups(plan).stream().map(g -> new Work(bytes(g), () -> fit(g))).toList();
    List<Work> joint = cells.stream().map(c -> new Work(bytes(c), () -> fit(c))).toList();
    progress.stage(
        "fitting", plan.matrices().stream().filter(e -> !isCell(e)).count() + cells.size());
    // a cell is compared with the separate fits of its matrices, so they come first
    run(separate, memory);
    run(joint, memory);
    Map<String, FittedMatrix> fitted = new HashMap<>();
    plan.matrices().stream()
        .filter(entry -> !isCell(entry))
        .forEach(
            entry -> fitted.put(entry.name(), store.loadOne(entry.name(), owner).orElseThrow()));
    cells.forEach(cell ->
        store
            .load(cell.key(), owner)
            .orElseThrow()
            .forEach(matrix -> fitted.put(matrix.entry().name(), matrix)));
    return plan.matrices().stream()
        .map(entry -> Optional.ofNullable(fitted.get(entry.name())).orElseThrow())
        .toList();
  }

  /** A task and what it takes in bytes. */
  private record Work(long bytes, Runnable task) {}

  private static void run(List<Work> tasks, long memory) {
    int limit = (int) Math.max(1, memory / MIB);
    Semaphore free = new Semaphore(limit);
    try (var workers = new Workers(Threads.available())) {
      workers.runAll(
          tasks.stream()
              .map(work -> within((int) Math.min(limit, work.bytes() / MIB + 1), free, work.task()))
              .toList());
    }
  }

  private static Runnable within(int need, Semaphore free, Runnable task) {
    return () -> {
      free.acquireUninterruptibly(need);
      try {
        task.run();
      } finally {
        free.release(need);
      }
    };
  }

  /** Matrices by shared covariance, the largest groups first. */
  private List<List<Plan.Entry>> groups(Plan plan) {
    IdentityHashMap<Object, List<Plan.Entry>> byInput = new IdentityHashMap<>();
    List<List<Plan.Entry>> groups = new ArrayList<>();
    for (Plan.Entry entry : plan.matrices().stream().filter(e -> !isCell(e)).toList()) {
      Object input = isEmbedding(entry) ? entry : statistics.covariance(entry.name());
      List<Plan.Entry> group =
          byInput.computeIfAbsent(
              input,
              _ -> {
                groups.add(new ArrayList<>());
                return groups.getLast();
              });
      group.add(entry);
    }
    groups.sort(Comparator.comparingLong(this::elements).reversed());
    return groups;
  }

  private long elements(List<Plan.Entry> group) {
    return group.stream().mapToLong(entry -> matrix(entry).elements()).sum();
  }

  /**
   * A bound on what the fits of a group hold at a time: the metric's factors, and some copies of
   * the largest matrix.
   */
  private long bytes(List<Plan.Entry> group) {
    long largest = group.stream().mapToLong(entry -> matrix(entry).elements()).max().orElse(0);
    long n = group.stream().mapToLong(entry -> original(entry).columns()).max().orElse(0);
    return 8 * (6 * n * n + 12 * largest);
  }

  private void fit(List<Plan.Entry> group) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      List<Plan.Entry> open =
          group.stream().filter(entry -> store.load(entry.name(), owner).isEmpty()).toList();
      done.add(group.size() - open.size(), "");
      boolean onlyDense = open.stream().allMatch(ModelFit::isDense);
      Metric metric = onlyDense ? Metric.identity(1) : metric(open.getFirst());
      for (Plan.Entry entry : open) {
        try (var _ = new TensorScope()) {
          store.save(fit(entry, metric));
        }
        done.add(entry.name());
      }
    }
  }

  /** All metrics of the cell at once, twice over (scaled), and some copies of the matrices. */
  private long bytes(SharedCellGroup cell) {
    long n = original(cell.entries().getFirst()).columns();
    return 8L
        * cell.entries().size()
        * (8 * n * n + 12 * matrix(cell.entries().getFirst()).elements());
  }

  /** Fits a cell; keeps it if it loses less than the separate fits of its matrices. */
  private void fit(SharedCellGroup cell) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      if (store.load(cell.key(), owner).isEmpty()) {
        double separate =
            cell.isPlannedAsCell()
                ? Double.POSITIVE_INFINITY
                : squaredError(
                    cell.entries().stream()
                        .map(e -> store.loadOne(e.name(), owner).orElseThrow())
                        .toList());
        List<FittedMatrix> joint = joint(cell);
        store.save(cell.key(), squaredError(joint) < separate ? joint : List.of());
      }
      done.add(cell.key());
    }
  }

  private static double squaredError(List<FittedMatrix> matrices) {
    return matrices.stream().mapToDouble(m -> m.entry().error() * m.entry().error()).sum();
  }

  private List<FittedMatrix> joint(SharedCellGroup cell) {
    List<CellTarget> targets =
        cell.entries().stream()
            .map(e -> new CellTarget(original(e).matrix().to(DType.F64), metric(e)))
            .toList();
    FittedCell fitted = BestCell.fit(targets, cell.budget(), fit.options());
    UnaryOperator<Tensor> rounded = SharedTensors.once(core -> core.to(DType.F32));
    List<FittedMatrix> matrices = new ArrayList<>();
    for (int k = 0; k < targets.size(); k++) {
      String name = cell.entries().get(k).name();
      Factorization f = fitted.cells().get(k).map(rounded);
      double error = targets.get(k).metric().error(targets.get(k).w(), f.to(DType.F64).matrix());
      matrices.add(new FittedMatrix(f, StoredFactorization.entry(name, f, error)));
    }
    return matrices;
  }

  private FittedMatrix fit(Plan.Entry entry, Metric metric) {
    Factorization original = original(entry);
    if (isDense(entry)) {
      return new FittedMatrix(original, StoredFactorization.entry(entry.name(), original, 0));
    }
    Tensor w = original.matrix().to(DType.F64);
    Fitted fitted =
        isEmbedding(entry)
            ? EmbeddingFit.fit(w, statistics.frequencies(), metric, rank(entry, w))
            : fit.fit(entry.name(), w, metric, FactorizationKind.of(entry.form()), entry.budget());
    // what is stored is rounded: the error is that of the stored numbers
    Factorization rounded = fitted.factorization().to(DType.F32);
    double error =
        isEmbedding(entry)
            ? Math.sqrt(fitted.squaredError())
            : metric.error(w, rounded.to(DType.F64).matrix());
    return new FittedMatrix(rounded, StoredFactorization.entry(entry.name(), rounded, error));
  }

  private static int rank(Plan.Entry entry, Tensor table) {
    return (int) Math.max(1, entry.budget() / (table.size(0) + table.size(1)));
  }

  private Metric metric(Plan.Entry entry) {
    if (!isEmbedding(entry)) {
      return Metric.of(statistics.covariance(entry.name()));
    }
    return config.tiedEmbeddings()
        ? EmbeddingFit.tied(statistics.covariance(Decoder.HEAD))
        : Metric.identity(config.hiddenSize());
  }

  private Factorization original(Plan.Entry entry) {
    return weights.matrix(entry.name());
  }

  private Tensor matrix(Plan.Entry entry) {
    return original(entry).cores().getFirst();
  }

  private static boolean isCell(Plan.Entry entry) {
    return FactorizationKind.of(entry.form()) == FactorizationKind.CELL;
  }

  private static boolean isDense(Plan.Entry entry) {
    return FactorizationKind.of(entry.form()) == FactorizationKind.DENSE;
  }

  private static boolean isEmbedding(Plan.Entry entry) {
    return entry.name().equals(Decoder.EMBEDDINGS);
  }
}
