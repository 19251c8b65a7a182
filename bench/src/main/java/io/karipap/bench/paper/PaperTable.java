package io.karipap.bench.paper;

import static io.karipap.bench.paper.PaperText.format;
import static io.karipap.bench.paper.PaperText.number;
import static io.karipap.bench.paper.PaperText.percent;
import static io.karipap.bench.paper.PaperText.scaled;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.bench.paper.RowMetrics.TaskFigures;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import io.karipap.model.task.Estimate;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows for people, as Markdown, and for programs, as JSON.
 *
 * @param title model, texts and options of the measurement
 * @param rows the original first
 */
record PaperTable(String title, List<RowMetrics> rows) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the first row is not the original
   */
  PaperTable {
    rows = List.copyOf(rows);
    if (rows.isEmpty() || rows.getFirst().method() != Method.ORIGINAL) {
      throw new IllegalArgumentException("the first row is the original");
    }
  }

  private RowMetrics original() {
    return rows.getFirst();
  }

  /** All tables and the summary. */
  String markdown() {
    StringBuilder text = new StringBuilder("# " + title + "\n\n");
    text.append(
        """
        Bytes are those of the tensors as written, codes, scales and bitmaps included, and of the
        original in float32. ± is the standard error over parts of the text, or over examples. KL is
        KL(original || row) in nats per token.
        """);
    for (int i = 0; i < original().texts().size(); i++) {
      TextFigures first = original().texts().get(i);
      text.append(format("%n## Prediction: %s, %,d tokens%n%n", first.name(), first.tokens()));
      text.append(prediction(i));
    }
    if (!original().tasks().isEmpty()) {
      text.append("\n## Tasks: accuracy, and its difference from the original's\n\n");
      text.append(tasks());
    }
    text.append("\n## Speed, against the original in the same minute\n\n").append(speed());
    text.append("\n## Summary\n\n");
    Summary.of(rows).forEach(sentence -> text.append("* ").append(sentence).append('\n'));
    return text.toString();
  }

  private String prediction(int text) {
    List<List<String>> lines = new ArrayList<>();
    for (RowMetrics row : rows) {
      TextFigures t = row.texts().get(text);
      double reference = original().texts().get(text).top1().value();
      boolean first = row.equals(original());
      lines.add(
          List.of(
              row.label(),
              format("%,d", row.bytes()),
              percent(Axis.BYTES.share(row, original())),
              format("%,d", row.parameters()),
              percent(Axis.PARAMETERS.share(row, original())),
              format("%.3f", t.perplexity()),
              format("%.4f", t.bitsPerByte()),
              first ? "0" : number("%.4f", t.kl()),
              number("%.2f", scaled(t.top1())) + " %",
              percent(t.top1().value() / reference),
              first ? "100 %" : percent(t.agreement().value())));
    }
    return table(
        List.of(
            "row",
            "bytes",
            "of float32",
            "parameters",
            "kept",
            "perplexity",
            "bits per byte",
            "KL",
            "top-1",
            "of the original's",
            "agreement"),
        lines);
  }

  private String tasks() {
    List<String> head = new ArrayList<>(List.of("row", "of float32"));
    original().tasks().forEach(task -> head.add(task.name() + " (" + task.examples() + ")"));
    List<List<String>> lines = new ArrayList<>();
    for (RowMetrics row : rows) {
      List<String> line =
          new ArrayList<>(List.of(row.label(), percent(Axis.BYTES.share(row, original()))));
      for (int i = 0; i < row.tasks().size(); i++) {
        TaskFigures task = row.tasks().get(i);
        String score = number("%.1f", scaled(task.accuracy())) + " %";
        Estimate difference = scaled(task.accuracyAgainst(original().tasks().get(i)));
        boolean first = row.equals(original());
        line.add(first ? score : score + " (" + number("%+.1f", difference) + ")");
      }
      lines.add(line);
    }
    return table(head, lines);
  }

  private String speed() {
    List<List<String>> lines = new ArrayList<>();
    for (RowMetrics row : rows) {
      RowMetrics.Speed s = row.speed();
      lines.add(
          List.of(
              row.label(),
              percent(Axis.BYTES.share(row, original())),
              format("%.1f MB", row.runtimeBytes() * 1e-6),
              format("%.3f", s.trainingStep()),
              format("%.2f", s.trainingSpeedup()),
              format("%.0f", s.prefill()),
              format("%.2f", s.prefillSpeedup()),
              format("%.0f", s.decode()),
              format("%.2f", s.decodeSpeedup())));
    }
    return table(
        List.of(
            "row",
            "of float32",
            "weights in memory",
            "training step, s",
            "times the original's speed",
            "prefill, tokens/s",
            "times",
            "decoding, tokens/s",
            "times"),
        lines);
  }

  private static String table(List<String> head, List<List<String>> lines) {
    StringBuilder text = new StringBuilder("| " + String.join(" | ", head) + " |\n|---|");
    text.append("---:|".repeat(head.size() - 1)).append('\n');
    lines.forEach(line -> text.append("| ").append(String.join(" | ", line)).append(" |\n"));
    return text.toString();
  }

  /** All figures, derived ones included. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("title", title);
    ArrayNode list = json.putArray("rows");
    for (RowMetrics row : rows) {
      ObjectNode node =
          list.addObject()
              .put("slug", row.slug())
              .put("label", row.label())
              .put("method", row.method().id())
              .put("healed", row.healed())
              .put("bytes", row.bytes())
              .put("memory_ratio", Axis.BYTES.share(row, original()))
              .put("parameters", row.parameters())
              .put("parameter_ratio", Axis.PARAMETERS.share(row, original()))
              .put("runtime_bytes", row.runtimeBytes())
              .put("training_step_seconds", row.speed().trainingStep())
              .put("training_speedup", row.speed().trainingSpeedup())
              .put("prefill_tokens_per_second", row.speed().prefill())
              .put("prefill_speedup", row.speed().prefillSpeedup())
              .put("decode_tokens_per_second", row.speed().decode())
              .put("decode_speedup", row.speed().decodeSpeedup());
      texts(row, node.putArray("texts"));
      answers(row, node.putArray("tasks"));
    }
    Summary.of(rows).forEach(json.putArray("summary")::add);
    return json;
  }

  private void texts(RowMetrics row, ArrayNode list) {
    for (int i = 0; i < row.texts().size(); i++) {
      TextFigures text = row.texts().get(i);
      ObjectNode node =
          list.addObject()
              .put("name", text.name())
              .put("tokens", text.tokens())
              .put("bytes_of_text", text.bytes())
              .put("perplexity", text.perplexity())
              .put("bits_per_byte", text.bitsPerByte());
      put(node, "loss", text.loss());
      put(node, "kl", text.kl());
      put(node, "top1", text.top1());
      put(node, "agreement", text.agreement());
      node.put("top1_ratio", text.top1().value() / original().texts().get(i).top1().value());
    }
  }

  private void answers(RowMetrics row, ArrayNode list) {
    for (int i = 0; i < row.tasks().size(); i++) {
      TaskFigures task = row.tasks().get(i);
      ObjectNode node =
          list.addObject()
              .put("name", task.name())
              .put("examples", task.examples())
              .put("cut", task.cut());
      put(node, "acc", task.accuracy());
      put(node, "acc_difference", task.accuracyAgainst(original().tasks().get(i)));
      task.accuracyByLength().ifPresent(estimate -> put(node, "acc_norm", estimate));
    }
  }

  /** JSON has no NaN: the error of a single value is null. */
  private static void put(ObjectNode json, String name, Estimate estimate) {
    json.put(name, estimate.value());
    if (Double.isFinite(estimate.standardError())) {
      json.put(name + "_stderr", estimate.standardError());
    } else {
      json.putNull(name + "_stderr");
    }
  }
}
