package io.karipap.compress;

import io.karipap.model.io.LoadedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The models and texts that tests are run on, and short ways to run them. */
public final class SharedTexts {

  private static final Path ROOT = Path.of(System.getProperty("karipap.shared"));
  public static final Path TINY1M = ROOT.resolve("models/tiny1m");
  public static final Path STORIES = ROOT.resolve("models/stories260K");

  public static Path data(String name) {
    return ROOT.resolve("data").resolve(name);
  }

  public static final Path CALIBRATION = ROOT.resolve("data/tinystories/calibration.txt");

  private SharedTexts() {}

  public static CompressionRequest request(
      Path model, Path output, double parameters, FactorizationKind form) {
    return new CompressionRequest(
        model,
        output,
        CALIBRATION,
        parameters,
        form,
        Optional.empty(),
        Optional.empty(),
        4096,
        CompressionRequest.FIT_ITERATIONS,
        0,
        1,
        false);
  }

  /** Writes a plan of all matrices of {@link #STORIES} in one form and number format. */
  public static Path recipe(Path file, String form, String numbers) throws IOException {
    try (var original = LoadedModel.open(STORIES)) {
      List<Plan.Entry> entries =
          original.weights().matrices().entrySet().stream()
              .map(m -> new Plan.Entry(m.getKey(), form, m.getValue().parameters(), numbers))
              .toList();
      return Files.writeString(file, new Plan(1, entries).toYaml());
    }
  }

  /** A compression of {@link #STORIES} by a plan. */
  public static CompressionRequest following(Path recipe, Path output) {
    return new CompressionRequest(
        STORIES,
        output,
        CALIBRATION,
        1,
        FactorizationKind.AUTO,
        Optional.empty(),
        Optional.of(recipe),
        4096,
        10,
        0,
        1,
        false);
  }

  /** Contents of all files of a folder by name. */
  public static Map<String, ByteBuffer> contents(Path folder) {
    Map<String, ByteBuffer> contents = new TreeMap<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(String.valueOf(file.getFileName()), ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contents;
  }
}
