package io.karipap.compress;

import io.karipap.model.io.LoadedModel;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Short ways to ask for a compression of the models that tests share. */
public final class SharedTexts {

  public static final Path TINY1M = SharedFiles.TINY1M;
  public static final Path STORIES = SharedFiles.STORIES;
  public static final Path CALIBRATION = SharedFiles.CALIBRATION;

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
}
