package io.karipap.checkpoint.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Writes a model's folder, in the first place a compressed artifact, all or nothing: everything
 * goes to a hidden folder beside the target, is forced to disk, and is moved into place as a whole.
 * A writer that is closed without {@link #commit} leaves nothing behind.
 *
 * <pre>{@code
 * try (ArtifactWriter artifact = ArtifactWriter.begin(target, false)) {
 *   artifact.copyTokenizer(original);
 *   try (SafetensorsWriter tensors = artifact.tensors(infos, Map.of())) {
 *     ...
 *   }
 *   artifact.addText("plan.yaml", plan);
 *   artifact.commit(config.raw(), manifest);
 * }
 * }</pre>
 */
public final class ArtifactWriter implements AutoCloseable {
  /** What an original model's folder may have besides its configuration and its weights. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "generation_config.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private final TargetFolder target;
  private final Path partial;

  private ArtifactWriter(TargetFolder target, Path partial) {
    this.target = target;
    this.partial = partial;
  }

  /**
   * Starts an artifact.
   *
   * @param folder where it will be; must not exist, or be empty but for the state of a training run
   *     ({@code .training}), or, with {@code replaceOurs}, hold another artifact
   * @throws CheckpointException where something else is in its place, or nothing can be written
   */
  public static ArtifactWriter begin(Path folder, boolean replaceOurs) {
    TargetFolder target = TargetFolder.of(folder, replaceOurs);
    target.checkFree();
    return new ArtifactWriter(target, target.sibling("partial"));
  }

  /**
   * Copies the tokenizer's files and generation_config.json unchanged, those that exist.
   *
   * @throws CheckpointException where one cannot be read or written
   */
  public void copyTokenizer(Path originalFolder) {
    for (String name : TOKENIZER_FILES) {
      Path original = originalFolder.resolve(name);
      if (Files.exists(original)) {
        write(name, bytes(original));
      }
    }
  }

  /**
   * Adds a text file such as plan.yaml or report.html, in UTF-8.
   *
   * @throws IllegalArgumentException where the name is not a plain one or is taken already
   * @throws CheckpointException where it cannot be written
   */
  public void addText(String fileName, String content) {
    boolean reserved = fileName.equals(Artifact.CONFIG) || fileName.equals(Artifact.TENSORS);
    if (!fileName.matches("\\w[\\w.-]*") || reserved || Files.exists(partial.resolve(fileName))) {
      throw new IllegalArgumentException("'%s' cannot name a further file".formatted(fileName));
    }
    write(fileName, content.getBytes(UTF_8));
  }

  /**
   * Starts model.safetensors. The caller closes the writer before {@link #commit}.
   *
   * @see SafetensorsWriter#create
   */
  public SafetensorsWriter tensors(List<TensorInfo> tensors, Map<String, String> metadata) {
    return SafetensorsWriter.create(partial.resolve(Artifact.TENSORS), tensors, metadata);
  }

  /**
   * Writes config.json, the original's fields and the manifest, and moves the folder into place.
   *
   * @param manifest digest and size of the tensors are filled in here
   * @return the manifest as written
   * @throws IllegalStateException where the tensors have not been written and closed
   * @throws CheckpointException where a matrix of the manifest has no tensors, where something else
   *     has taken the target's place, or where writing fails
   */
  public ArtifactManifest commit(ObjectNode originalConfig, ArtifactManifest manifest) {
    Path tensors = writtenTensors();
    Artifact.checkMatrices(manifest, tensors);
    ArtifactManifest complete =
        manifest.withTensors(Artifact.sha256(tensors), Artifact.size(tensors));
    ObjectNode config = originalConfig.deepCopy();
    config.set(Artifact.KEY, complete.toJson());
    move(config);
    return complete;
  }

  /**
   * Writes config.json as it is and moves the folder into place: a model that is not compressed.
   *
   * @throws IllegalStateException where the tensors have not been written and closed
   * @throws CheckpointException where something else has taken the target's place, or where writing
   *     fails
   */
  public void commit(ObjectNode config) {
    var _ = writtenTensors();
    move(config);
  }

  private Path writtenTensors() {
    Path tensors = partial.resolve(Artifact.TENSORS);
    if (!Files.exists(tensors)) {
      throw new IllegalStateException("model.safetensors has not been written and closed");
    }
    return tensors;
  }

  private void move(ObjectNode config) {
    write(Artifact.CONFIG, Json.pretty(config).getBytes(UTF_8));
    target.replaceBy(partial);
  }

  /** Deletes what was written unless it was committed. */
  @Override
  public void close() {
    AtomicFiles.delete(partial);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  private void write(String name, byte[] content) {
    Path file = partial.resolve(name);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
  }
}
