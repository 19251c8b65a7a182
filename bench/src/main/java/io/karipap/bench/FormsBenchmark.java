package io.karipap.bench;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.TensorStore;
import io.karipap.model.CalibrationStatistics;
import io.karipap.model.Documents;
import io.karipap.model.LoadedModel;
import io.karipap.model.MatrixName;
import io.karipap.model.TensorFiles;
import io.karipap.model.TokenSequence;
import io.karipap.model.Windows;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The table of forms: squared error of the outputs, e^2 = ||(W - V) X||^2 / ||W X||^2, of every
 * form at the same number of parameters.
 */
final class FormsBenchmark {

  private final FormsArguments arguments;
  private final AtomicInteger done = new AtomicInteger();

  private FormsBenchmark(FormsArguments arguments) {
    this.arguments = arguments;
  }

  /** Runs it; ends the program if the call or an input is wrong. */
  static void main(List<String> words) {
    try {
      new FormsBenchmark(FormsArguments.of(words)).run();
    } catch (IllegalArgumentException e) {
      System.err.println("karipap: " + e.getMessage());
      System.err.println(FormsArguments.USAGE);
      System.exit(2);
    } catch (CheckpointException e) {
      System.err.println("karipap: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() {
    Threads.use(1);
    try (var _ = new TensorScope()) {
      if (arguments.model().isPresent()) {
        model(arguments.model().get(), arguments.calibration().orElseThrow());
      }
      if (arguments.tensors().isPresent()) {
        tensors(arguments.tensors().get());
      }
    }
  }

  private void model(Path folder, Path calibration) {
    try (var model = LoadedModel.open(folder);
        var statistics = statistics(model, calibration)) {
      List<Subject> subjects =
          MatrixName.all(model.config()).stream()
              .filter(name -> name.inBlock() && name.name().matches(arguments.matrices()))
              .map(name ->
                  new Subject(
                      name.name(),
                      name.family(),
                      name.block(),
                      model.weights().matrix(name.name()).matrix(),
                      Optional.of(statistics.covariance(name.name()))))
              .toList();
      compare(
          subjects,
          "%s, %d matrices, activations of %d tokens"
              .formatted(folder.getFileName(), subjects.size(), statistics.tokens()));
    }
  }

  private CalibrationStatistics statistics(LoadedModel model, Path calibration) {
    List<TokenSequence> ids = Documents.read(calibration).encode(model.tokenizer());
    return CalibrationStatistics.collect(
        model.decoder(),
        ids,
        Windows.spread(Windows.cut(ids, model.config().contextLength()), arguments.tokens()),
        _ -> {});
  }

  private void tensors(Path file) {
    try (var store = TensorStore.open(file)) {
      List<Subject> subjects = new ArrayList<>();
      for (String name : store.names()) {
        List<Long> shape = store.info(name).shape();
        if (shape.size() == 2 && name.matches(arguments.matrices())) {
          Tensor w = TensorFiles.read(store, name, shape.get(0), shape.get(1));
          subjects.add(new Subject(name, name, -1, w, Optional.empty()));
        }
      }
      compare(
          subjects,
          "%s, %d matrices, identity metric (no activations)"
              .formatted(file.getFileName(), subjects.size()));
    }
  }

  private void compare(List<Subject> subjects, String title) {
    if (subjects.isEmpty()) {
      throw new CheckpointException("no matrix has a name like " + arguments.matrices());
    }
    List<String> families = subjects.stream().map(Subject::family).distinct().toList();
    int blocks = subjects.stream().mapToInt(Subject::block).max().orElse(-1) + 1;
    boolean cells = arguments.cells() && blocks > 1;
    List<Integer> sizes = cells && blocks > 2 ? List.of(2, blocks) : cells ? List.of(2) : List.of();
    List<String> rows = new ArrayList<>(FormRow.ALL.stream().map(FormRow::label).toList());
    rows.addAll(CellRows.labels(sizes.stream().map(FormsBenchmark::blocks).toList()));
    for (double share : arguments.shares()) {
      FormsTable table =
          new FormsTable(
              String.format(
                  Locale.ROOT,
                  "%s, %.0f %% of the parameters, %d iterations (%d beyond four sites)",
                  title,
                  100 * share,
                  arguments.iterations(),
                  arguments.largeIterations()),
              rows,
              families);
      List<Runnable> tasks = new ArrayList<>();
      subjects.forEach(subject -> tasks.add(() -> forms(subject, share, table)));
      for (int size : sizes) {
        for (String family : families) {
          List<Subject> members =
              subjects.stream().filter(subject -> subject.family().equals(family)).toList();
          CellRows.runs(members, size)
              .forEach(
                  run -> tasks.add(() -> CellRows.fit(run, blocks(size), share, arguments, table)));
        }
      }
      done.set(0);
      inParallel(tasks);
      System.out.println(table.markdown());
    }
  }

  private static String blocks(int count) {
    return count + " blocks";
  }

  private void forms(Subject subject, double share, FormsTable table) {
    Tensor w = subject.w().to(DType.F64);
    Metric metric =
        subject.covariance().map(Metric::of).orElseGet(() -> Metric.identity(w.size(1)));
    for (FormRow row : FormRow.ALL) {
      try (var _ = new TensorScope()) {
        long start = System.nanoTime();
        OptionalDouble error =
            row.squaredError(subject.name(), w, metric, subject.budget(share), arguments);
        error.ifPresent(e -> table.add(row.label(), subject.family(), e));
        System.err.printf(
            Locale.ROOT,
            "%s, %s: %.4f in %.1f s%n",
            subject.name(),
            row.label(),
            error.orElse(Double.NaN),
            (System.nanoTime() - start) * 1e-9);
      }
    }
  }

  private void inParallel(List<Runnable> tasks) {
    try (ExecutorService workers = Executors.newFixedThreadPool(Threads.available())) {
      List<Future<?>> running = new ArrayList<>();
      for (Runnable task : tasks) {
        running.add(
            workers.submit(() -> {
              Threads.use(1);
              try (var _ = new TensorScope()) {
                task.run();
              }
              System.err.printf("%d of %d done%n", done.incrementAndGet(), tasks.size());
            }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a fit failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
