package io.karipap.bench.paper;

import io.karipap.bench.paper.RowMetrics.TaskFigures;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.compress.Progress;
import io.karipap.model.arch.Decoder;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.task.Example.Outcome;
import io.karipap.model.task.Task;
import io.karipap.model.task.TaskFile;
import io.karipap.model.task.TaskScore;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Measures rows against one original. */
final class Measurement implements AutoCloseable {

  private final PaperOptions inputs;
  private final LoadedModel original;
  private final List<HeldOutText> texts;
  private final List<Task> tasks;
  private final Progress progress;

  /**
   * Reads original, texts and tasks.
   *
   * @throws io.karipap.checkpoint.CheckpointException if one of them is bad
   * @throws IllegalArgumentException if a text has nothing to predict
   */
  Measurement(PaperOptions inputs, Progress progress) {
    this.inputs = inputs;
    this.progress = progress;
    this.tasks =
        inputs.tasks().stream().map(TaskFile::read).map(t -> t.limited(inputs.limit())).toList();
    this.original = LoadedModel.open(inputs.model());
    int context = original.config().contextLength();
    try {
      this.texts =
          inputs.texts().stream()
              .map(t -> HeldOutText.read(t, original.tokenizer(), context, inputs.textTokens()))
              .toList();
    } catch (RuntimeException e) {
      original.close();
      throw e;
    }
  }

  /** Measures a row whose artifact is made. */
  RowMetrics measure(Row row, Path folder, double secondsBefore) {
    long start = System.nanoTime();
    boolean itself = row.method() == Method.ORIGINAL;
    try (var _ = new TensorScope();
        var model = LoadedModel.open(folder)) {
      Decoder reference = original.decoder();
      Decoder decoder = model.decoder();
      progress.stage("predicting", texts.size());
      List<TextFigures> predicted = new ArrayList<>();
      for (HeldOutText text : texts) {
        predicted.add(text.evaluate(decoder, itself ? Optional.empty() : Optional.of(reference)));
        progress.at(predicted.size(), text.name());
      }
      List<TaskFigures> answered =
          tasks.stream().map(task -> examine(decoder, model.tokenizer(), task)).toList();
      progress.stage("timing", 1);
      RowMetrics.Speed speed =
          new Stopwatch(original.architecture(), inputs.seed())
              .of(model, original, decoder, reference);
      long parameters = model.weights().parameters();
      return new RowMetrics(
          row.recipe().slug(),
          row.label(),
          row.method(),
          row.recipe().healed(),
          parameters,
          itself ? Float.BYTES * parameters : bytes(folder),
          Float.BYTES * decoder.weights().parameters(),
          predicted,
          answered,
          speed,
          secondsBefore + (System.nanoTime() - start) * 1e-9);
    }
  }

  private TaskFigures examine(Decoder model, Tokenizer tokenizer, Task task) {
    int examples = task.examples().size();
    progress.stage(task.name(), examples);
    TaskScore score =
        TaskScore.of(
            model,
            tokenizer,
            task,
            original.config().contextLength(),
            share -> progress.at(Math.round(examples * share), ""));
    boolean byLength = score.accuracyByLength().isPresent();
    return new TaskFigures(
        task.name(),
        score.cut(),
        bits(score, Outcome::isRight),
        byLength ? bits(score, outcome -> outcome.isRightByLength().orElse(false)) : "");
  }

  private static String bits(TaskScore score, Predicate<Outcome> isRight) {
    return score.outcomes().stream()
        .map(outcome -> isRight.test(outcome) ? "1" : "0")
        .collect(Collectors.joining());
  }

  private static long bytes(Path folder) {
    try (var store = TensorStore.open(folder)) {
      return store.names().stream().mapToLong(name -> store.info(name).bytes()).sum();
    }
  }

  @Override
  public void close() {
    original.close();
  }
}
