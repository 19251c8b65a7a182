package io.karipap.compress.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.Version;
import io.karipap.compress.report.Measurements.Scores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a compressed model came about, beside its manifest: report.json. Steps that follow a
 * compression read it, add themselves, and write the report anew.
 *
 * @param original name of the original's folder
 * @param originalBytes of the original's files of weights; 0 if unknown
 * @param trials comparisons that the gauge was chosen by
 * @param steps in the order of time
 */
public record ReportRecord(
    String original, long originalBytes, List<GaugeTrial> trials, List<Step> steps) {

  /** The name of the file. */
  public static final String FILE = "report.json";

  /** Ends the action of a step that left the errors of its rounding alone in the manifest. */
  public static final String ROUNDING_ERRORS = "(errors of the rounding)";

  /**
   * A run that made the model or changed it.
   *
   * @param action such as {@code healed by distillation on 4000 tokens}
   * @param version of the software
   * @param command as it was typed; empty if a program called the library
   * @param parameters of the run, as lines of a name and a value
   * @param seconds that it took
   * @param measurements of its result against the original; empty if the original was not there
   */
  public record Step(
      String action,
      String version,
      Optional<String> command,
      List<String> parameters,
      double seconds,
      Optional<Measurements> measurements) {

    /** Copies the list. */
    public Step {
      parameters = List.copyOf(parameters);
    }

    /** A step of this release. */
    public static Step of(
        String action,
        Optional<String> command,
        List<String> parameters,
        double seconds,
        Optional<Measurements> measurements) {
      return new Step(action, Version.NUMBER, command, parameters, seconds, measurements);
    }
  }

  /** Copies the lists. */
  public ReportRecord {
    trials = List.copyOf(trials);
    steps = List.copyOf(steps);
  }

  /** The same with another step. */
  ReportRecord with(Step step) {
    List<Step> all = new ArrayList<>(steps);
    all.add(step);
    return new ReportRecord(original, originalBytes, trials, all);
  }

  /** The last measurements, and whether no step came after them. */
  Optional<Measurements> lastMeasurements() {
    return steps.reversed().stream().flatMap(step -> step.measurements().stream()).findFirst();
  }

  /** Steps after the last that was measured; all of them if none was. */
  List<Step> unmeasured() {
    return steps.reversed().stream()
        .takeWhile(step -> step.measurements().isEmpty())
        .toList()
        .reversed();
  }

  /** Whether errors are of a rounding of the compressed matrices, and not against the original. */
  boolean errorsOfRounding() {
    return steps.stream().anyMatch(step -> step.action().endsWith(ROUNDING_ERRORS));
  }

  /**
   * Reads the record of a compressed model. Those of older releases have none: nothing is known
   * then.
   *
   * @throws CheckpointException if the file is damaged
   */
  static ReportRecord read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return new ReportRecord("", 0, List.of(), List.of());
    }
    JsonFields fields = new JsonFields(Json.read(file), file.toString());
    return new ReportRecord(
        fields.text("original"),
        fields.longInteger("original_bytes", 0, Long.MAX_VALUE),
        fields.objects("gauge_trials").stream().map(ReportRecord::trial).toList(),
        fields.objects("steps").stream().map(ReportRecord::step).toList());
  }

  private static GaugeTrial trial(JsonFields fields) {
    return new GaugeTrial(
        fields.texts("gauge"),
        fields.longInteger("extra_parameters", 0, Long.MAX_VALUE),
        number(fields, "mean_squared_error"));
  }

  private static Step step(JsonFields fields) {
    return new Step(
        fields.text("action"),
        fields.text("version"),
        fields.optionalText("command"),
        fields.texts("parameters"),
        number(fields, "seconds"),
        fields.optionalObject("measurements").map(ReportRecord::measurements));
  }

  private static Measurements measurements(JsonFields fields) {
    return new Measurements(
        fields.text("text"),
        fields.longInteger("tokens", 0, Long.MAX_VALUE),
        fields.flag("held_out", false),
        number(fields, "kl"),
        number(fields, "agreement"),
        scores(fields.object("original")),
        scores(fields.object("compressed")),
        fields.text("prompt"),
        fields.integer("threads", 1, Integer.MAX_VALUE));
  }

  private static Scores scores(JsonFields fields) {
    return new Scores(
        number(fields, "loss"),
        number(fields, "top1"),
        number(fields, "tokens_per_second"),
        fields.text("continuation"));
  }

  /** A model that predicts nothing finite has figures that JSON has no numbers for. */
  private static double number(JsonFields fields, String key) {
    return fields.optionalNumber(key, -Double.MAX_VALUE, Double.MAX_VALUE).orElse(Double.NaN);
  }

  /** The record as JSON. */
  String toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("original", original)
            .put("original_bytes", originalBytes);
    ArrayNode tried = json.putArray("gauge_trials");
    for (GaugeTrial trial : trials) {
      ObjectNode node = tried.addObject();
      trial.gauge().forEach(node.putArray("gauge")::add);
      node.put("extra_parameters", trial.extraParameters());
      put(node, "mean_squared_error", trial.meanSquaredError());
    }
    ArrayNode run = json.putArray("steps");
    steps.forEach(step -> write(step, run.addObject()));
    return Json.pretty(json);
  }

  private static void write(Step step, ObjectNode json) {
    json.put("action", step.action()).put("version", step.version());
    step.command().ifPresent(command -> json.put("command", command));
    step.parameters().forEach(json.putArray("parameters")::add);
    put(json, "seconds", step.seconds());
    step.measurements()
        .ifPresent(m -> {
          ObjectNode node = json.putObject("measurements");
          node.put("text", m.text()).put("tokens", m.tokens()).put("held_out", m.heldOut());
          put(node, "kl", m.kl());
          put(node, "agreement", m.agreement());
          write(m.original(), node.putObject("original"));
          write(m.compressed(), node.putObject("compressed"));
          node.put("prompt", m.prompt()).put("threads", m.threads());
        });
  }

  private static void write(Scores scores, ObjectNode json) {
    put(json, "loss", scores.loss());
    put(json, "top1", scores.top1());
    put(json, "tokens_per_second", scores.tokensPerSecond());
    json.put("continuation", scores.continuation());
  }

  private static void put(ObjectNode json, String key, double number) {
    if (Double.isFinite(number)) {
      json.put(key, number);
    }
  }
}
