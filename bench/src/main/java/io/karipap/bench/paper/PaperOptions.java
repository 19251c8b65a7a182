package io.karipap.bench.paper;

import io.karipap.bench.paper.Recipe.Coded;
import io.karipap.bench.paper.Recipe.Compressed;
import io.karipap.bench.paper.Recipe.Half;
import io.karipap.bench.paper.Recipe.Healed;
import io.karipap.bench.paper.Recipe.Original;
import io.karipap.bench.paper.Recipe.Pruned;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The options of {@code bench paper}.
 *
 * @param model folder of the original
 * @param calibration text that layers' inputs are taken from
 * @param texts to predict: of the calibration's domain, and of another one
 * @param healText text to distil on
 * @param healTokens length of a distillation, 0 for none
 * @param tasks files of tasks
 * @param limit examples of a task at most
 * @param output folder of the table
 * @param seed of all randomness
 * @param iterations of a fit at most
 * @param calibrationTokens tokens of the calibration text to use at most
 * @param textTokens tokens of each text to predict at most
 */
record PaperOptions(
    Path model,
    Path calibration,
    List<Path> texts,
    Path healText,
    long healTokens,
    List<Path> tasks,
    int limit,
    Path output,
    long seed,
    int iterations,
    int calibrationTokens,
    int textTokens) {

  /** Copies the lists. */
  PaperOptions {
    texts = List.copyOf(texts);
    tasks = List.copyOf(tasks);
  }

  /** Where artifacts and figures of rows lie. */
  Path rows() {
    return output.resolve("rows");
  }

  /**
   * Digests of the files, read once.
   *
   * @param inputs that the files belong to
   * @param model of configuration, tokenizer and weights
   * @param calibration of the text
   * @param texts of those to predict
   * @param healText of the text
   * @param tasks of their files
   */
  record Keys(
      PaperOptions inputs,
      String model,
      String calibration,
      List<String> texts,
      String healText,
      List<String> tasks) {

    /**
     * Reads the files.
     *
     * @throws CheckpointException if one cannot be read
     */
    static Keys of(PaperOptions inputs) {
      return new Keys(
          inputs,
          digest(modelFiles(inputs.model)),
          digest(List.of(inputs.calibration)),
          inputs.texts.stream().map(text -> digest(List.of(text))).toList(),
          digest(List.of(inputs.healText)),
          inputs.tasks.stream().map(task -> digest(List.of(task))).toList());
    }

    /** All that an artifact depends on. */
    String artifact(Recipe recipe) {
      List<String> lines = new ArrayList<>(List.of("recipe " + recipe.slug(), "model " + model));
      if (needsCalibration(recipe)) {
        lines.add("calibration " + calibration);
        lines.add("calibration tokens " + inputs.calibrationTokens);
        lines.add("iterations " + inputs.iterations);
        lines.add("seed " + inputs.seed);
      }
      if (recipe.healed()) {
        lines.add("healing text " + healText);
        lines.add("healing tokens " + inputs.healTokens);
      }
      return String.join("\n", lines);
    }

    /** A digest of all inputs of a row's figures but the times. */
    String figures(Row row) {
      return String.join(
          "\n",
          artifact(row.recipe()),
          "label " + row.label(),
          "texts " + texts,
          "text tokens " + inputs.textTokens,
          "tasks " + tasks,
          "limit " + inputs.limit);
    }

    private static boolean needsCalibration(Recipe recipe) {
      return switch (recipe) {
        case Original _ -> false;
        case Compressed _, Pruned _, Healed _, Half _, Coded _ -> true;
      };
    }
  }

  private static List<Path> modelFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(json|safetensors)"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new CheckpointException("the model %s cannot be read".formatted(folder), e);
    }
  }

  private static String digest(List<Path> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        try (InputStream bytes = new DigestInputStream(Files.newInputStream(file), digest)) {
          bytes.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
          throw new CheckpointException("the file %s cannot be read".formatted(file), e);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
