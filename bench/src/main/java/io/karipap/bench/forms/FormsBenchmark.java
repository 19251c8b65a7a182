package io.karipap.bench.forms;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.gauge.Gauge;
import io.karipap.model.gauge.GaugeChoice;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.TensorFiles;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The table of forms: squared error of the outputs, e^2 = ||(W - V) X||^2 / ||W X||^2, of every
 * form at the same number of parameters.
 */
public final class FormsBenchmark {

  private static final String GAUGED = "ring 2x2 in the gauge (residual, values)";

  private final FormsArguments arguments;
  private final AtomicInteger done = new AtomicInteger();

  private FormsBenchmark(FormsArguments arguments) {
    this.arguments = arguments;
  }

  /** Runs it; ends the program if the call or an input is wrong. */
  public static void main(List<String> words) {
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
    try (var model = LoadedModel.open(folder)) {
      Architecture architecture = model.architecture();
      Weights folded = NormFolding.fold(architecture, model.weights());
      try (var seen = statistics(model, folded, calibration)) {
        Gauge gauge =
            new GaugeChoice(architecture, folded, seen)
                .of(EnumSet.of(Symmetry.RESIDUAL, Symmetry.VALUES));
        Weights gauged = gauge.apply(architecture, folded);
        try (var plain = NormFolding.unfold(architecture, model.weights(), seen);
            var turned = gauge.apply(architecture, seen)) {
          List<BenchmarkMatrix> subjects =
              architecture.matrices().stream()
                  .filter(name -> name.inBlock() && name.name().matches(arguments.matrices()))
                  .map(name ->
                      new BenchmarkMatrix(
                          name.name(),
                          name.family(),
                          name.block(),
                          model.weights().matrix(name.name()).matrix(),
                          Optional.of(plain.covariance(name.name())),
                          Optional.of(
                              new BenchmarkMatrix.Gauged(
                                  gauged.matrix(name.name()).matrix(),
                                  turned.covariance(name.name())))))
                  .toList();
          compare(
              subjects,
              "%s, %d matrices, activations of %d tokens"
                  .formatted(folder.getFileName(), subjects.size(), plain.tokens()));
        }
      }
    }
  }

  private CalibrationStatistics statistics(LoadedModel model, Weights weights, Path calibration) {
    List<TokenSequence> ids = Documents.read(calibration).encode(model.tokenizer());
    return CalibrationStatistics.collect(
        new Decoder(model.architecture(), weights),
        ids,
        Windows.spread(Windows.cut(ids, model.config().contextLength()), arguments.tokens()),
        _ -> {});
  }

  private void tensors(Path file) {
    try (var store = TensorStore.open(file)) {
      List<BenchmarkMatrix> subjects = new ArrayList<>();
      for (String name : store.names()) {
        List<Long> shape = store.info(name).shape();
        if (shape.size() == 2 && name.matches(arguments.matrices())) {
          Tensor w = TensorFiles.read(store, name, shape.get(0), shape.get(1));
          subjects.add(new BenchmarkMatrix(name, name, -1, w, Optional.empty(), Optional.empty()));
        }
      }
      compare(
          subjects,
          "%s, %d matrices, identity metric (no activations)"
              .formatted(file.getFileName(), subjects.size()));
    }
  }

  private void compare(List<BenchmarkMatrix> subjects, String title) {
    if (subjects.isEmpty()) {
      throw new CheckpointException("no matrix has a name like " + arguments.matrices());
    }
    List<String> families = subjects.stream().map(BenchmarkMatrix::family).distinct().toList();
    int blocks = subjects.stream().mapToInt(BenchmarkMatrix::block).max().orElse(-1) + 1;
    boolean cells = arguments.cells() && blocks > 1;
    List<Integer> sizes = cells && blocks > 2 ? List.of(2, blocks) : cells ? List.of(2) : List.of();
    List<String> rows = new ArrayList<>(FormRow.ALL.stream().map(FormRow::label).toList());
    if (subjects.stream().anyMatch(subject -> subject.gauged().isPresent())) {
      rows.add(GAUGED);
    }
    rows.addAll(FlowRows.LABELS);
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
          List<BenchmarkMatrix> members =
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

  private void forms(BenchmarkMatrix subject, double share, FormsTable table) {
    Tensor w = subject.w().to(DType.F64);
    Metric metric =
        subject.covariance().map(Metric::of).orElseGet(() -> Metric.identity(w.size(1)));
    long budget = subject.budget(share);
    for (FormRow row : FormRow.ALL) {
      try (var _ = new TensorScope()) {
        row.squaredError(subject.name(), w, metric, budget, arguments)
            .ifPresent(e -> table.add(row.label(), subject.family(), e));
      }
    }
    subject
        .gauged()
        .ifPresent(g ->
            FormRow.RING
                .squaredError(
                    subject.name(),
                    g.w().to(DType.F64),
                    Metric.of(g.covariance()),
                    budget,
                    arguments)
                .ifPresent(e -> table.add(GAUGED, subject.family(), e)));
    try (var _ = new TensorScope()) {
      FitOptions options = FitOptions.standard().withIterations(arguments.iterations());
      List<Double> errors = FlowRows.squaredErrors(w, metric, budget, options);
      for (int i = 0; i < errors.size(); i++) {
        table.add(FlowRows.LABELS.get(i), subject.family(), errors.get(i));
      }
    }
  }

  private void inParallel(List<Runnable> tasks) {
    try (var workers = new Workers(Threads.available())) {
      List<Callable<Integer>> counted = new ArrayList<>();
      for (Runnable task : tasks) {
        counted.add(() -> {
          task.run();
          System.err.printf("%d of %d done%n", done.incrementAndGet(), tasks.size());
          return done.get();
        });
      }
      workers.run(counted);
    }
  }
}
