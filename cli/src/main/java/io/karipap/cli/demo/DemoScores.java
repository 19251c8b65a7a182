package io.karipap.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.cli.command.EvalCommand;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Table;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the demo's models compare on its texts. */
final class DemoScores {

  private record Score(
      String name, long parameters, Evaluation heldOut, Optional<Evaluation> other) {}

  private final DemoTexts texts;
  private final Path original;
  private final List<Score> scores = new ArrayList<>();
  private double seconds;
  private long tokens;

  DemoScores(DemoTexts texts, Path original) {
    this.texts = texts;
    this.original = original;
  }

  DemoTexts texts() {
    return texts;
  }

  /** Evaluates a model on every text. */
  void add(String name, Path folder, Console console) {
    long began = System.nanoTime();
    try (var _ = new TensorScope();
        LoadedModel model = LoadedModel.open(folder);
        LoadedModel teacher = LoadedModel.open(original);
        ProgressBars bars = console.bars()) {
      Evaluation heldOut = evaluate(model, teacher, texts.heldOut(), bars);
      Optional<Evaluation> other = texts.other().map(t -> evaluate(model, teacher, t, bars));
      scores.add(new Score(name, model.weights().parameters(), heldOut, other));
      tokens += heldOut.tokens() + other.map(Evaluation::tokens).orElse(0L);
    }
    seconds += (System.nanoTime() - began) * 1e-9;
  }

  private static Evaluation evaluate(
      LoadedModel model, LoadedModel teacher, Documents text, ProgressBars bars) {
    bars.stage("evaluating", 1000);
    return Evaluation.of(
        model.decoder(),
        Optional.of(teacher.decoder()),
        model.tokenizer(),
        text,
        model.config().contextLength(),
        share -> bars.at(Math.round(1000 * share), ""));
  }

  /** How fast the evaluations were; each runs a model and its teacher. */
  double tokensPerSecond() {
    return tokens / seconds;
  }

  /** The comparison for people. */
  Table table() {
    Table table =
        Console.table(
            "model",
            "parameters",
            "loss",
            "bits per byte",
            "top-1",
            "KL",
            "other text: loss",
            "KL");
    for (Score s : scores) {
      table.row(
          s.name(),
          Table.count(s.parameters()),
          Table.decimals(s.heldOut().loss(), 4),
          Table.decimals(s.heldOut().bitsPerByte(), 4),
          Table.percent(s.heldOut().top1()),
          divergence(Optional.of(s.heldOut())),
          s.other().map(e -> Table.decimals(e.loss(), 4)).orElse("-"),
          divergence(s.other()));
    }
    return table;
  }

  private static String divergence(Optional<Evaluation> evaluation) {
    return evaluation
        .flatMap(Evaluation::comparison)
        .map(c -> Table.decimals(c.kl(), 4))
        .orElse("-");
  }

  /** The comparison for programs. */
  void write(ArrayNode results) {
    for (Score score : scores) {
      ObjectNode entry =
          results.addObject().put("name", score.name()).put("parameters", score.parameters());
      EvalCommand.put(entry.putObject("held_out"), score.heldOut());
      score.other().ifPresent(e -> EvalCommand.put(entry.putObject("other"), e));
    }
  }
}
