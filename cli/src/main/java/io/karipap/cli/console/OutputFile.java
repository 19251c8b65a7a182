package io.karipap.cli.console;

import io.karipap.checkpoint.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text file that a command leaves behind: written whole, or not at all. */
public final class OutputFile {

  private OutputFile() {}

  /**
   * Checks before the work that the file can be written after it.
   *
   * @throws CommandFailedException if no file can be written there
   */
  public static void check(Path file) {
    Path folder = folder(file);
    if (Files.isDirectory(file)) {
      throw new CommandFailedException("%s is a folder: name a file in it".formatted(file));
    }
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new CommandFailedException(
          "cannot write %s: %s is no folder, or not writable; make it first"
              .formatted(file, folder));
    }
  }

  /** Writes a file, in place of an older one. */
  public static void write(Path file, String text) {
    AtomicFiles.write(file, text);
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().resolveSibling("");
  }
}
