package io.karipap.checkpoint.artifact;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.JsonFields;
import java.util.List;

/**
 * The {@code karipap} object of an artifact's config.json: how it was made and what it must hold.
 *
 * @param version layout of the artifact; {@link #VERSION} is the only one known
 * @param method how the matrices were fitted, for people
 * @param seed of all randomness
 * @param calibration the text that the error was minimised on
 * @param gauge symmetries that the basis of the matrices was chosen from, such as {@code residual};
 *     empty for the original's basis
 * @param matrices what became of each matrix
 * @param tensorsSha256 digest of model.safetensors, lower-case hexadecimal; {@link
 *     ArtifactWriter#commit} fills it in
 * @param tensorsBytes size of model.safetensors; filled in likewise
 */
public record ArtifactManifest(
    String version,
    String method,
    long seed,
    CalibrationRecord calibration,
    List<String> gauge,
    List<MatrixEntry> matrices,
    String tensorsSha256,
    long tensorsBytes) {
  /** Version of the artifact's layout that this code writes, and the only one that it reads. */
  public static final String VERSION = "1";

  /** Copies the lists. */
  public ArtifactManifest {
    gauge = List.copyOf(gauge);
    matrices = List.copyOf(matrices);
  }

  /** The manifest of matrices in the original's basis. */
  public ArtifactManifest(
      String version,
      String method,
      long seed,
      CalibrationRecord calibration,
      List<MatrixEntry> matrices,
      String tensorsSha256,
      long tensorsBytes) {
    this(version, method, seed, calibration, List.of(), matrices, tensorsSha256, tensorsBytes);
  }

  ArtifactManifest withTensors(String sha256, long bytes) {
    return new ArtifactManifest(version, method, seed, calibration, gauge, matrices, sha256, bytes);
  }

  public ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("version", version)
            .put("method", method)
            .put("seed", seed);
    json.set("calibration", calibration.toJson());
    if (!gauge.isEmpty()) {
      gauge.forEach(json.putArray("gauge")::add);
    }
    ArrayNode list = json.putArray("matrices");
    matrices.forEach(matrix -> list.add(matrix.toJson()));
    return json.put("tensors_sha256", tensorsSha256).put("tensors_bytes", tensorsBytes);
  }

  static ArtifactManifest parse(JsonFields fields) {
    String version = fields.text("version");
    if (!version.equals(VERSION)) {
      throw fields.wrong(
          "version",
          "is %s; this karipap reads version %s; use another release"
              .formatted(Failures.quoted(version), VERSION));
    }
    return new ArtifactManifest(
        version,
        fields.text("method"),
        fields.longInteger("seed", Long.MIN_VALUE, Long.MAX_VALUE),
        CalibrationRecord.parse(fields.object("calibration")),
        fields.texts("gauge"),
        fields.objects("matrices").stream().map(MatrixEntry::parse).toList(),
        fields.text("tensors_sha256"),
        fields.longInteger("tensors_bytes", 0, Long.MAX_VALUE));
  }
}
