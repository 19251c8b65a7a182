package io.karipap.cli.command;

import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The argument MODEL: a folder, or the name of a bundled model. */
public final class ModelFolder {

  /** The model that the demo runs on. */
  public static final String BUNDLED = "karipap-tales";

  private ModelFolder() {}

  /**
   * The folder that is meant.
   *
   * @throws CheckpointException if there is none, or it is a file of a format that is not read
   */
  public static Path of(String model) {
    Path path = Path.of(model);
    if (Files.isDirectory(path)) {
      return path;
    }
    if (model.endsWith(".gguf")) {
      throw new CheckpointException(
          model
              + " is a GGUF file: this version reads Hugging Face folders; give the original"
              + " model");
    }
    Path bundled = models().resolve(model);
    if (path.getNameCount() == 1 && Files.isDirectory(bundled)) {
      return bundled;
    }
    throw new CheckpointException(
        ("no model at %s: give a folder with config.json and model.safetensors,"
                + " or a bundled model (%s)")
            .formatted(model, names()));
  }

  private static Path models() {
    return Path.of(System.getProperty("karipap.home", "."), "models");
  }

  private static String names() {
    if (!Files.isDirectory(models())) {
      return "none is there";
    }
    try (Stream<Path> content = Files.list(models())) {
      List<String> names =
          content.filter(Files::isDirectory).map(p -> p.getFileName().toString()).sorted().toList();
      return names.isEmpty() ? "none is there" : String.join(", ", names);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
