package io.karipap.checkpoint.artifact;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import io.karipap.checkpoint.safetensors.TensorStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Reading side of a compressed artifact: a model folder in Hugging Face layout whose config.json
 * has a {@code karipap} object.
 */
public final class Artifact {
  public static final String KEY = "karipap";
  static final String CONFIG = "config.json";
  static final String TENSORS = "model.safetensors";

  private Artifact() {}

  /**
   * The manifest of a model's folder; empty where the model is not compressed.
   *
   * @throws CheckpointException where config.json is missing, or it or the manifest is malformed or
   *     of an unknown version
   */
  public static Optional<ArtifactManifest> manifest(Path folder) {
    Path path = folder.resolve(CONFIG);
    return manifest(Json.read(path), path.toString());
  }

  /**
   * The manifest in a config.json; empty where the model is not compressed.
   *
   * @throws CheckpointException where it is malformed or of an unknown version
   */
  public static Optional<ArtifactManifest> manifest(ObjectNode config) {
    return manifest(config, CONFIG);
  }

  private static Optional<ArtifactManifest> manifest(ObjectNode config, String where) {
    return new JsonFields(config, where).optionalObject(KEY).map(ArtifactManifest::parse);
  }

  /**
   * Checks model.safetensors against the manifest: its size and SHA-256 first, then its header, and
   * that every matrix has its tensors. Reads the file once.
   *
   * @throws CheckpointException where anything differs, or the folder holds no artifact
   */
  public static void verify(Path folder) {
    ArtifactManifest manifest =
        manifest(folder)
            .orElseThrow(() ->
                new CheckpointException(
                    "%s has no '%s' object in its %s: it is not a compressed model"
                        .formatted(folder, KEY, CONFIG)));
    Path tensors = folder.resolve(TENSORS);
    long size = size(tensors);
    if (size != manifest.tensorsBytes()) {
      throw Failures.damaged(
          tensors,
          "it has %d bytes, the manifest says %d".formatted(size, manifest.tensorsBytes()));
    }
    String digest = sha256(tensors);
    if (!digest.equals(manifest.tensorsSha256())) {
      throw Failures.damaged(
          tensors,
          "its SHA-256 is %s, the manifest says %s"
              .formatted(digest, Failures.quoted(manifest.tensorsSha256())));
    }
    checkMatrices(manifest, tensors);
  }

  /** Every matrix of the manifest has a tensor named after it. */
  static void checkMatrices(ArtifactManifest manifest, Path tensors) {
    try (TensorStore store = TensorStore.open(tensors)) {
      NavigableSet<String> names = new TreeSet<>(store.names());
      for (MatrixEntry matrix : manifest.matrices()) {
        String prefix = matrix.name() + ".";
        String first = names.ceiling(prefix);
        if (first == null || !first.startsWith(prefix)) {
          throw new CheckpointException(
              "%s has no tensor of the matrix %s, which the manifest lists; write the artifact again"
                  .formatted(tensors, Failures.quoted(matrix.name())));
        }
      }
    }
  }

  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  /** SHA-256 of a file's bytes, lower-case hexadecimal. */
  static String sha256(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(bytes, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw Failures.reading(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
