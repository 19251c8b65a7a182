package io.karipap.compress.fit;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Pepo;
import io.karipap.tensor.NativeMemory;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Fits all matrices of a plan: makes the jobs that an earlier run has not finished, has them done,
 * and collects the results.
 */
public final class ModelFit {

  private final WeightedMatrices matrices;
  private final MatrixFit fit;
  private final int cellBlocks;
  private final FitCheckpoint store;
  private final JobRunner runner;
  private final Progress progress;

  /**
   * Fits to a model.
   *
   * @param fit grid and options
   * @param cellBlocks consecutive blocks whose matrices may share tensors, see {@link
   *     SharedCellGroup#of}
   * @param store keeps finished fits
   */
  public ModelFit(
      WeightedMatrices matrices,
      MatrixFit fit,
      int cellBlocks,
      FitCheckpoint store,
      JobRunner runner,
      Progress progress) {
    this.matrices = matrices;
    this.fit = fit;
    this.cellBlocks = cellBlocks;
    this.store = store;
    this.runner = runner;
    this.progress = progress;
  }

  /**
   * The fitted matrices in the order of the plan.
   *
   * @param starts networks that the allocation has found, by name: they are fitted once more in the
   *     metric of both sides; pairs of matrices are optimal already, and stay as they are
   * @param owner holds the cores
   */
  public List<FittedMatrix> run(Plan plan, Map<String, Factorization> starts, TensorOwner owner) {
    List<SharedCellGroup> cells = SharedCellGroup.of(plan, matrices.architecture(), cellBlocks);
    List<Plan.Entry> separate = plan.matrices().stream().filter(e -> !isCell(e)).toList();
    progress.stage("fitting", separate.size() + cells.size());
    ProgressCounter done = new ProgressCounter(progress);
    for (List<Plan.Entry> block : byBlock(separate)) {
      try (var _ = new TensorScope()) {
        run(open(block, starts, done), done);
      }
      NativeMemory.trim();
    }
    // a cell is compared with the separate fits of its matrices, so they come first
    for (SharedCellGroup cell : cells) {
      try (var _ = new TensorScope()) {
        if (store.has(cell.key())) {
          done.add(cell.key());
        } else {
          run(List.of(job(cell)), done);
        }
      }
    }
    return collected(plan, starts, cells, owner);
  }

  /** Entries by block, so that the matrices of one block are in memory at a time. */
  private List<List<Plan.Entry>> byBlock(List<Plan.Entry> entries) {
    SequencedMap<Integer, List<Plan.Entry>> blocks = new LinkedHashMap<>();
    for (Plan.Entry entry : entries) {
      int block = matrices.architecture().matrix(entry.name()).block();
      blocks.computeIfAbsent(block, _ -> new ArrayList<>()).add(entry);
    }
    return List.copyOf(blocks.values());
  }

  /** The jobs of the entries that have not been fitted. */
  private List<MatrixFitJob> open(
      List<Plan.Entry> entries, Map<String, Factorization> starts, ProgressCounter done) {
    List<MatrixFitJob> jobs = new ArrayList<>();
    for (Plan.Entry entry : entries) {
      if (isReady(entry, starts) || store.has(entry.name())) {
        done.add(entry.name());
      } else {
        jobs.add(job(entry, starts));
      }
    }
    return jobs;
  }

  private void run(List<? extends FitJob> jobs, ProgressCounter done) {
    runner.run(
        jobs,
        matrices,
        result -> {
          store.save(result);
          done.add(result.name());
        });
  }

  private List<FittedMatrix> collected(
      Plan plan,
      Map<String, Factorization> starts,
      List<SharedCellGroup> cells,
      TensorOwner owner) {
    Map<String, FittedMatrix> fitted = new HashMap<>();
    for (Plan.Entry entry : plan.matrices()) {
      if (!isCell(entry)) {
        fitted.put(
            entry.name(),
            isReady(entry, starts) ? ready(entry, starts, owner) : loaded(entry.name(), owner));
      }
    }
    for (SharedCellGroup cell : cells) {
      store
          .load(cell.key(), owner)
          .orElseThrow()
          .forEach(matrix -> fitted.put(matrix.entry().name(), matrix));
    }
    return plan.matrices().stream()
        .map(entry -> Objects.requireNonNull(fitted.get(entry.name())))
        .toList();
  }

  private FittedMatrix loaded(String name, TensorOwner owner) {
    return store.loadOne(name, owner).orElseThrow();
  }

  /** True if there is nothing to fit: a dense matrix, or a start that is optimal already. */
  private static boolean isReady(Plan.Entry entry, Map<String, Factorization> starts) {
    Factorization start = starts.get(entry.name());
    return isKind(entry, FactorizationKind.DENSE) || (start != null && !(start instanceof Pepo));
  }

  private FittedMatrix ready(
      Plan.Entry entry, Map<String, Factorization> starts, TensorOwner owner) {
    try (var _ = new TensorScope()) {
      return matrices.described(
          entry.name(),
          Optional.ofNullable(starts.get(entry.name()))
              .orElseGet(() -> new Dense(owner.own(matrices.original(entry.name())))));
    }
  }

  private MatrixFitJob job(Plan.Entry entry, Map<String, Factorization> starts) {
    Optional<Pepo> start =
        starts.get(entry.name()) instanceof Pepo pepo ? Optional.of(pepo) : Optional.empty();
    return new MatrixFitJob(
        entry,
        w(entry),
        matrices.calibratedRows(entry.name()),
        start.isPresent()
            ? matrices.inNatsReference(entry.name())
            : matrices.calibratedReference(entry.name()),
        start,
        fit);
  }

  private CellFitJob job(SharedCellGroup cell) {
    return new CellFitJob(
        cell.key(),
        cell.entries(),
        cell.entries().stream().map(this::w).toList(),
        cell.entries().stream().map(e -> matrices.calibratedReference(e.name())).toList(),
        cell.isPlannedAsCell() ? Double.POSITIVE_INFINITY : separateError(cell),
        fit.options());
  }

  private double separateError(SharedCellGroup cell) {
    try (var owner = new TensorOwner()) {
      return CellFitJob.squaredError(
          cell.entries().stream().map(e -> loaded(e.name(), owner)).toList());
    }
  }

  private Tensor w(Plan.Entry entry) {
    return matrices.original(entry.name());
  }

  private static boolean isCell(Plan.Entry entry) {
    return isKind(entry, FactorizationKind.CELL);
  }

  private static boolean isKind(Plan.Entry entry, FactorizationKind kind) {
    return FactorizationKind.of(entry.form()) == kind;
  }
}
