package io.karipap.bench;

import io.karipap.compress.Form;
import io.karipap.tensor.DType;
import io.karipap.tensor.FastType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code karipap bench training} is called with.
 *
 * @param model as it was named
 * @param share of the original's parameters that the compressed models have
 * @param forms of the compressed models; the original is always measured
 * @param batch tokens of a step
 * @param context tokens of a window; at most the model's own context
 * @param steps that are measured of every form, after one that is not
 * @param types of the products of matrices
 * @param tasks what is done in a step
 */
record TrainingArguments(
    String model,
    double share,
    List<Form> forms,
    int batch,
    int context,
    int steps,
    List<DType> types,
    List<Task> tasks) {

  /** What a step of training does. */
  enum Task {
    /** Learns the next token. */
    FINETUNE,
    /** Learns the original's distribution of the next token, and its residual stream. */
    HEAL;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Task of(String label) {
      return Arrays.stream(values())
          .filter(task -> task.label().equals(label))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("unknown task '" + label + "': finetune, heal"));
    }
  }

  static final String USAGE =
      """
      karipap: usage: karipap bench training [MODEL | CONFIG.json | llama-100m] \
      [--parameters 0.3] [--forms lowrank,btt,ring,mpo] [--batch TOKENS] [--context N] \
      [--steps N] [--types f32,bf16] [--tasks finetune,heal]\
      """;

  private static final String BUNDLED = "karipap-tales";

  /**
   * Parses a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  static TrainingArguments of(List<String> words) {
    Set<DType> types = new LinkedHashSet<>(List.of(DType.F32, FastType.ofMachine()));
    TrainingArguments parsed =
        new TrainingArguments(
            BUNDLED,
            0.3,
            List.of(Form.LOWRANK, Form.BTT, Form.RING, Form.MPO),
            2048,
            256,
            5,
            List.copyOf(types),
            List.of(Task.values()));
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      boolean option = word.startsWith("--");
      if (option && !rest.hasNext()) {
        throw new IllegalArgumentException(word + " needs a value");
      }
      parsed = parsed.with(option ? word : "MODEL", option ? rest.next() : word);
    }
    if (!(parsed.share > 0 && parsed.share < 1) || parsed.steps < 1) {
      throw new IllegalArgumentException("--parameters is in 0 to 1, --steps at least 1");
    }
    return parsed;
  }

  private TrainingArguments with(String name, String value) {
    return switch (name) {
      case "MODEL" ->
          new TrainingArguments(value, share, forms, batch, context, steps, types, tasks);
      case "--parameters" ->
          new TrainingArguments(
              model, Double.parseDouble(value), forms, batch, context, steps, types, tasks);
      case "--forms" ->
          new TrainingArguments(
              model,
              share,
              Arrays.stream(value.split(",", -1))
                  .map(Form::of)
                  .filter(f -> f != Form.DENSE)
                  .toList(),
              batch,
              context,
              steps,
              types,
              tasks);
      case "--batch" ->
          new TrainingArguments(
              model, share, forms, Integer.parseInt(value), context, steps, types, tasks);
      case "--context" ->
          new TrainingArguments(
              model, share, forms, batch, Integer.parseInt(value), steps, types, tasks);
      case "--steps" ->
          new TrainingArguments(
              model, share, forms, batch, context, Integer.parseInt(value), types, tasks);
      case "--types" ->
          new TrainingArguments(
              model,
              share,
              forms,
              batch,
              context,
              steps,
              Arrays.stream(value.toUpperCase(Locale.ROOT).split(",", -1))
                  .map(DType::valueOf)
                  .toList(),
              tasks);
      case "--tasks" ->
          new TrainingArguments(
              model,
              share,
              forms,
              batch,
              context,
              steps,
              types,
              Arrays.stream(value.split(",", -1)).map(Task::of).toList());
      default -> throw new IllegalArgumentException("unknown option " + name);
    };
  }

  /** The architecture: a file, one in a model's folder, a bundled model's, or one of ours. */
  Path configJson() {
    Path given = Path.of(model);
    if (Files.isRegularFile(given)) {
      return given;
    }
    Path bundled = Path.of(System.getProperty("karipap.home", "."), "models", model);
    for (Path folder : List.of(given, bundled)) {
      if (Files.isRegularFile(folder.resolve("config.json"))) {
        return folder.resolve("config.json");
      }
    }
    try (var resource =
        Optional.ofNullable(TrainingArguments.class.getResourceAsStream(model + ".json"))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no model and no config.json at " + model + "; llama-100m is built in"))) {
      Path copy = Files.createTempFile("karipap", ".json");
      copy.toFile().deleteOnExit();
      Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
