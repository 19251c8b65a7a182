package io.karipap.cli.demo;

import io.karipap.cli.console.CommandFailedException;
import io.karipap.model.text.Documents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The texts of the demo: one to calibrate and heal on, and others that nothing has seen.
 *
 * @param calibration file with nine tenths of the documents
 * @param heldOut the rest of them
 * @param other documents of another domain, if there are any
 */
record DemoTexts(Path calibration, Documents heldOut, Optional<Documents> other) {

  private static final int HELD_OUT = 10;

  /** Splits a text; the part to calibrate on is written into the folder. */
  static DemoTexts split(Path text, Optional<Path> other, Path folder) {
    List<String> all = Documents.read(text).texts();
    int held = Math.max(1, all.size() / HELD_OUT);
    if (all.size() <= held) {
      throw new CommandFailedException(
          text + " has one document only: separate several by <|endoftext|>");
    }
    List<String> kept = all.subList(0, all.size() - held);
    Path calibration = folder.resolve("calibration.txt");
    try {
      Files.createDirectories(folder);
      Files.writeString(calibration, String.join("\n<|endoftext|>\n", kept));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DemoTexts(
        calibration,
        new Documents(all.subList(all.size() - held, all.size())),
        other.map(Documents::read));
  }
}
