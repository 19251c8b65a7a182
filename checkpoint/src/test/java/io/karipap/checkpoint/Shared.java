package io.karipap.checkpoint;

import java.nio.file.Path;

/** The folder of models and texts that tests may rely on. */
final class Shared {
  private Shared() {}

  static Path path(String relative) {
    return Path.of(System.getProperty("karipap.shared", "../shared")).resolve(relative);
  }
}
