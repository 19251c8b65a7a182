package io.karipap.bench.training;

import io.karipap.cli.command.ModelFolder;
import io.karipap.compress.FactorizationKind;
import io.karipap.tensor.DType;
import io.karipap.tensor.FastType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The arguments of {@code karipap bench training}.
 *
 * @param model as it was named
 * @param share of the original's parameters that the compressed models have
 * @param forms of the compressed models; the original is always measured
 * @param batch tokens of a step
 * @param context tokens of a window; at most the model's own context
 * @param steps that are measured of every form, after one that is not
 * @param types of the products of matrices
 * @param tasks kinds of training steps
 */
public record TrainingArguments(
    String model,
    double share,
    List<FactorizationKind> forms,
    int batch,
    int context,
    int steps,
    List<DType> types,
    List<Task> tasks) {

  /** What a step of training does. */
  public enum Task {
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

  /** The options, for an error message. */
  public static final String USAGE =
      """
      karipap: usage: karipap bench training [MODEL | CONFIG.json | llama-100m] \
      [--parameters 0.3] [--forms lowrank,btt,ring,mpo] [--batch TOKENS] [--context N] \
      [--steps N] [--types f32,bf16] [--tasks finetune,heal]\
      """;

  /** What is given without an option's name. */
  private static final String MODEL = "MODEL";

  private static final Set<String> OPTIONS =
      Set.of("--parameters", "--forms", "--batch", "--context", "--steps", "--types", "--tasks");

  /**
   * Parses a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  public static TrainingArguments of(List<String> words) {
    Map<String, String> given = new LinkedHashMap<>();
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      boolean option = word.startsWith("--");
      if (option && !OPTIONS.contains(word)) {
        throw new IllegalArgumentException("unknown option " + word);
      }
      if (option && !rest.hasNext()) {
        throw new IllegalArgumentException(word + " needs a value");
      }
      given.put(option ? word : MODEL, option ? rest.next() : word);
    }
    TrainingArguments parsed =
        new TrainingArguments(
            given.getOrDefault(MODEL, "karipap-tales"),
            Double.parseDouble(given.getOrDefault("--parameters", "0.3")),
            list(given.getOrDefault("--forms", "lowrank,btt,ring,mpo"), FactorizationKind::of)
                .stream()
                .filter(form -> form != FactorizationKind.DENSE)
                .toList(),
            Integer.parseInt(given.getOrDefault("--batch", "2048")),
            Integer.parseInt(given.getOrDefault("--context", "256")),
            Integer.parseInt(given.getOrDefault("--steps", "5")),
            list(
                given.getOrDefault("--types", "f32," + FastType.ofMachine()),
                type -> DType.valueOf(type.toUpperCase(Locale.ROOT))),
            list(given.getOrDefault("--tasks", "finetune,heal"), Task::of));
    if (!(parsed.share > 0 && parsed.share < 1) || parsed.steps < 1) {
      throw new IllegalArgumentException("--parameters is in 0 to 1, --steps at least 1");
    }
    return parsed;
  }

  private static <T> List<T> list(String words, Function<String, T> parser) {
    return Arrays.stream(words.split(",", -1)).map(parser).distinct().toList();
  }

  /** The architecture: a file, one in a model's folder, a bundled model's, or one of ours. */
  Path configJson() {
    Path given = Path.of(model);
    if (Files.isRegularFile(given)) {
      return given;
    }
    try (var resource = TrainingArguments.class.getResourceAsStream(model + ".json")) {
      if (resource == null) {
        return ModelFolder.of(model).resolve("config.json");
      }
      Path copy = Files.createTempFile("karipap", ".json");
      copy.toFile().deleteOnExit();
      Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
