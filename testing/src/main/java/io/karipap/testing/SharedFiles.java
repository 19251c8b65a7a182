package io.karipap.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The published models, texts and vectors that tests compare with. They lie in the folder that the
 * system property {@code karipap.shared} names, {@code ../shared} by default.
 */
public final class SharedFiles {

  private static final Path ROOT = Path.of(System.getProperty("karipap.shared", "../shared"));

  /** A model of 260 thousand parameters: 5 blocks of width 64, 512 tokens, tied embeddings. */
  public static final Path STORIES = model("stories260K");

  /** A model of 0.9 million parameters: 4 blocks of width 128, 512 tokens, a head of its own. */
  public static final Path TINY1M = model("tiny1m");

  /** Stories in the words of a small child, to calibrate on. */
  public static final Path CALIBRATION = data("tinystories/calibration.txt");

  private SharedFiles() {}

  /** A file or folder by its path in the shared folder. */
  public static Path path(String relative) {
    return ROOT.resolve(relative);
  }

  /** The folder of a model. */
  public static Path model(String name) {
    return path("models").resolve(name);
  }

  /** A file of texts, tasks or tensors. */
  public static Path data(String name) {
    return path("data").resolve(name);
  }

  /**
   * A text of reference values.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  public static String reference(String name) {
    return read(path("reference").resolve(name));
  }

  /**
   * Writes the first blocks of a model as a model of its own.
   *
   * @param model folder in Hugging Face layout
   * @param blocks how many to keep
   * @param folder to make
   * @return the folder
   * @throws UncheckedIOException if the model cannot be read, or the folder not be written
   */
  public static Path firstBlocks(Path model, int blocks, Path folder) {
    copy(model, folder);
    Path config = folder.resolve("config.json");
    // the weights of the other blocks stay in the file, and nobody asks for them
    String shorter =
        read(config)
            .replaceFirst(
                "\"num_hidden_layers\": *[0-9]+", "\"num_hidden_layers\": %d".formatted(blocks));
    try {
      Files.writeString(config, shorter);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  /**
   * Copies the files of a folder into a new one.
   *
   * @return the new folder
   * @throws UncheckedIOException if a file cannot be copied
   */
  public static Path copy(Path from, Path to) {
    try (Stream<Path> files = Files.list(from)) {
      Files.createDirectories(to);
      for (Path file : files.toList()) {
        Files.write(to.resolve(from.relativize(file)), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to;
  }

  /**
   * The contents of all files of a folder by name, but of reports, which hold times.
   *
   * @throws UncheckedIOException if one cannot be read
   */
  public static Map<String, ByteBuffer> contents(Path folder) {
    Map<String, ByteBuffer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith("report.")) {
          contents.put(name, ByteBuffer.wrap(Files.readAllBytes(file)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contents;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
