package io.karipap.checkpoint;

import java.nio.file.Path;

/** The folder of models and texts that tests may rely on. */
public final class SharedFiles {
  private SharedFiles() {}

  public static Path path(String relative) {
    return Path.of(System.getProperty("karipap.shared", "../shared")).resolve(relative);
  }
}
