package io.karipap.checkpoint;

import java.util.List;

/** The karipap object of an artifact's config.json. */
public record ArtifactManifest(
    String version,
    String method,
    long seed,
    Calibration calibration,
    List<MatrixEntry> matrices,
    String tensorsSha256,
    long tensorsBytes) {
  /** Version of the artifact layout that this code writes, and the only one it reads. */
  public static final String VERSION = "1";
}
