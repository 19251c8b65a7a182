package io.karipap.compress.store;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.StoredFactorization;
import io.karipap.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of inputs, in lower-case hexadecimal. */
public final class Digest {

  private static final long CHUNK = 1 << 30;

  private Digest() {}

  /** Of documents, separated by a zero byte. */
  public static String of(List<String> texts) {
    MessageDigest digest = sha256();
    for (String text : texts) {
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of the configuration and the tensors of a model in a folder.
   *
   * @throws CheckpointException if a file cannot be read
   */
  public static String ofModel(Path folder) {
    MessageDigest digest = sha256();
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(Digest::isOfModel).sorted().toList()) {
        digest.update(String.valueOf(file.getFileName()).getBytes(StandardCharsets.UTF_8));
        try (InputStream input = new DigestInputStream(Files.newInputStream(file), digest)) {
          var _ = input.transferTo(OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new CheckpointException("cannot read the model in " + folder + ": " + e.getMessage());
    }
  }

  private static boolean isOfModel(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.equals("config.json")
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json");
  }

  /** Of all elements of a model's parameters. */
  public static String of(Weights weights) {
    MessageDigest digest = sha256();
    weights
        .matrices()
        .forEach((name, f) ->
            StoredFactorization.tensors(name, f)
                .values()
                .forEach(tensor -> update(digest, tensor)));
    weights.vectors().values().forEach(tensor -> update(digest, tensor));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, Tensor tensor) {
    MemorySegment bytes = tensor.segment();
    for (long start = 0; start < bytes.byteSize(); start += CHUNK) {
      digest.update(bytes.asSlice(start, Math.min(CHUNK, bytes.byteSize() - start)).asByteBuffer());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
