package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Table;
import io.karipap.model.arch.Decoder;
import io.karipap.model.task.Estimate;
import io.karipap.model.task.Task;
import io.karipap.model.task.TaskScore;
import io.karipap.model.task.TaskScore.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The scores of a model in tasks, and the differences from another model. */
final class TaskScores {

  private record Entry(
      Task task, TaskScore score, Optional<TaskScore> other, Optional<Comparison> comparison) {}

  private final List<Entry> entries = new ArrayList<>();

  /** Examines a model, and the other one on the same examples. */
  static TaskScores of(
      Decoder model,
      Optional<Decoder> other,
      Tokenizer tokenizer,
      List<Task> tasks,
      int context,
      Console console) {
    TaskScores scores = new TaskScores();
    try (ProgressBars bars = console.bars()) {
      for (Task task : tasks) {
        TaskScore score = examine(task.name(), model, tokenizer, task, context, bars);
        Optional<TaskScore> reference =
            other.map(o -> examine(task.name() + ", other", o, tokenizer, task, context, bars));
        scores.entries.add(new Entry(task, score, reference, reference.map(score::against)));
      }
    }
    return scores;
  }

  private static TaskScore examine(
      String stage, Decoder model, Tokenizer tokenizer, Task task, int context, ProgressBars bars) {
    int examples = task.examples().size();
    bars.stage(stage, examples);
    return TaskScore.of(
        model, tokenizer, task, context, share -> bars.at(Math.round(examples * share), ""));
  }

  /** The scores for people, each with its standard error. */
  Table table() {
    Table table = Console.table("task", "examples", "cut", "acc", "acc_norm", "perplexity");
    for (Entry entry : entries) {
      TaskScore score = entry.score();
      table.row(
          entry.task().name(),
          Table.count(score.outcomes().size()),
          Table.count(score.cut()),
          percent(score.accuracy()),
          score.accuracyByLength().map(TaskScores::percent).orElse("-"),
          score.perplexity().map(e -> number("%.2f", e)).orElse("-"));
    }
    return table;
  }

  /** The differences from the other model for people, if there is one. */
  Optional<Table> comparison() {
    if (entries.stream().allMatch(entry -> entry.comparison().isEmpty())) {
      return Optional.empty();
    }
    Table table =
        Console.table(
            "difference", "acc of the other", "acc", "acc_norm", "loss", "only this", "only other");
    for (Entry entry : entries) {
      Comparison c = entry.comparison().orElseThrow();
      table.row(
          entry.task().name(),
          percent(entry.other().orElseThrow().accuracy()),
          points(c.accuracy()),
          c.accuracyByLength().map(TaskScores::points).orElse("-"),
          c.loss().map(e -> number("%+.4f", e)).orElse("-"),
          Table.count(c.onlyThis()),
          Table.count(c.onlyOther()));
    }
    return Optional.of(table);
  }

  private static String percent(Estimate share) {
    return number("%.1f", scaled(share)) + " %";
  }

  private static String points(Estimate difference) {
    return number("%+.1f", scaled(difference));
  }

  private static Estimate scaled(Estimate share) {
    return new Estimate(100 * share.value(), 100 * share.standardError());
  }

  private static String number(String format, Estimate estimate) {
    String value = String.format(Locale.ROOT, format, estimate.value());
    return Double.isFinite(estimate.standardError())
        ? value
            + " ± "
            + String.format(Locale.ROOT, format.replace("+", ""), estimate.standardError())
        : value;
  }

  /** The scores for programs. */
  void write(ArrayNode results) {
    for (Entry entry : entries) {
      ObjectNode json = results.addObject().put("name", entry.task().name());
      json.put("examples", entry.score().outcomes().size()).put("cut", entry.score().cut());
      write(json, entry.score());
      if (entry.comparison().isPresent()) {
        ObjectNode against = json.putObject("against");
        write(against, entry.other().orElseThrow());
        Comparison c = entry.comparison().get();
        put(against, "acc_difference", "acc_difference_stderr", c.accuracy());
        c.accuracyByLength()
            .ifPresent(e -> put(against, "acc_norm_difference", "acc_norm_difference_stderr", e));
        c.loss().ifPresent(e -> put(against, "loss_difference", "loss_difference_stderr", e));
        against.put("only_this", c.onlyThis()).put("only_other", c.onlyOther());
      }
    }
  }

  private static void write(ObjectNode json, TaskScore score) {
    put(json, "acc", "stderr", score.accuracy());
    score.accuracyByLength().ifPresent(e -> put(json, "acc_norm", "acc_norm_stderr", e));
    score.perplexity().ifPresent(e -> put(json, "perplexity", "perplexity_stderr", e));
  }

  /** JSON has no NaN: the error of a single example is null. */
  private static void put(ObjectNode json, String name, String errorName, Estimate estimate) {
    json.put(name, estimate.value());
    if (Double.isFinite(estimate.standardError())) {
      json.put(errorName, estimate.standardError());
    } else {
      json.putNull(errorName);
    }
  }
}
