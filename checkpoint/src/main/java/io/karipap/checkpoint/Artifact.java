package io.karipap.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;

/** Reading side of a compressed artifact. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class Artifact {
  private Artifact() {}

  /** The manifest of a folder; empty where its model is not compressed. */
  public static Optional<ArtifactManifest> manifest(Path folder) {
    throw new UnsupportedOperationException();
  }

  /** The manifest in a config.json. */
  public static Optional<ArtifactManifest> manifest(ObjectNode config) {
    throw new UnsupportedOperationException();
  }

  /** Checks size, digest, names and types of the tensors against the manifest. */
  public static void verify(Path folder) {
    throw new UnsupportedOperationException();
  }
}
