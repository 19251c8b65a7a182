package io.karipap.bench.paper;

import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code karipap bench plot}: the picture of the README, KL divergence against bytes, drawn from
 * the first table of predictions in a page of Markdown.
 */
public final class TablePlot {

  static final String USAGE = "karipap: usage: karipap bench plot PAGE.md PICTURE.svg";

  private TablePlot() {}

  /**
   * Reads the page and writes the picture; ends the program if the call is wrong.
   *
   * @throws CheckpointException if the page cannot be read or has no such table, or the picture
   *     cannot be written
   */
  public static void main(List<String> words) {
    if (words.size() != 2) {
      System.err.println(USAGE);
      System.exit(2);
    }
    AtomicFiles.write(Path.of(words.getLast()), svg(Path.of(words.getFirst())));
  }

  /** The picture of a page's table. */
  static String svg(Path page) {
    try {
      return ParetoPlot.ofBytes(PredictionTable.read(Files.readString(page)));
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + page, e);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(page + ": " + e.getMessage(), e);
    }
  }
}
