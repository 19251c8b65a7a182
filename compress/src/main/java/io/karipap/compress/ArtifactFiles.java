package io.karipap.compress;

import io.karipap.checkpoint.ArtifactManifest;
import io.karipap.checkpoint.ArtifactWriter;
import io.karipap.checkpoint.ElementType;
import io.karipap.checkpoint.TensorInfo;
import io.karipap.model.LoadedModel;
import io.karipap.model.StoredFactorization;
import io.karipap.model.TensorFiles;
import io.karipap.model.Weights;
import io.karipap.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Writes a compressed model's folder. */
final class ArtifactFiles {

  private ArtifactFiles() {}

  /**
   * Writes all files and moves the folder into place.
   *
   * @param source the model whose configuration and tokenizer the artifact keeps
   * @return the manifest as written
   */
  static ArtifactManifest write(
      Path output,
      LoadedModel source,
      Weights weights,
      ArtifactManifest manifest,
      String plan,
      String report) {
    return write(output, source, weights, manifest, plan, report, Optional.empty());
  }

  /**
   * Writes all files and moves the folder into place.
   *
   * @param source the model whose configuration and tokenizer the artifact keeps
   * @param flow the trace of a flow, if there was one
   * @return the manifest as written
   */
  static ArtifactManifest write(
      Path output,
      LoadedModel source,
      Weights weights,
      ArtifactManifest manifest,
      String plan,
      String report,
      Optional<String> flow) {
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
      artifact.addText("plan.yaml", plan);
      artifact.addText("report.html", report);
      flow.ifPresent(trace -> artifact.addText("flow.json", trace));
      return artifact.commit(source.config().raw(), manifest);
    }
  }
}
