package io.karipap.compress.store;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Writes a compressed model's folder. */
public final class ArtifactFiles {

  /** The name of the file of the plan. */
  public static final String PLAN = "plan.yaml";

  /** The name of the file of the trace of an allocation. */
  public static final String TRACE = "flow.json";

  private ArtifactFiles() {}

  /**
   * The text of a file.
   *
   * @throws CheckpointException if it cannot be read
   */
  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e.getMessage());
    }
  }

  /**
   * Writes all files and moves the folder into place.
   *
   * @param source the model whose configuration and tokenizer the artifact keeps
   * @param texts contents of the plan, the report and the like, by their file names
   * @return the manifest as written
   * @throws CheckpointException if the folder cannot be written
   */
  public static ArtifactManifest write(
      Path output,
      LoadedModel source,
      Weights weights,
      ArtifactManifest manifest,
      Map<String, String> texts) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    weights.matrices().forEach((name, f) -> tensors.putAll(StoredFactorization.tensors(name, f)));
    tensors.putAll(weights.vectors());
    List<TensorInfo> infos =
        tensors.entrySet().stream()
            .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
            .toList();
    try (var artifact = ArtifactWriter.begin(output, true)) {
      artifact.copyTokenizer(source.folder());
      try (var writer = artifact.tensors(infos, Map.of("format", "pt"))) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
      texts.forEach(artifact::addText);
      return artifact.commit(source.config().raw(), manifest);
    }
  }
}
