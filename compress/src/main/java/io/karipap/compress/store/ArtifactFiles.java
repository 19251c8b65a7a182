package io.karipap.compress.store;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.artifact.MatrixEntry;
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
import java.util.Optional;
import java.util.SequencedMap;

/** Writes a compressed model's folder. */
public final class ArtifactFiles {

  private static final String PLAN = "plan.yaml";
  private static final String REPORT = "report.html";
  private static final String TRACE = "flow.json";

  private ArtifactFiles() {}

  /**
   * Writes a compressed model with other numbers: plan, report and trace are as before.
   *
   * @param artifact the compressed model
   * @param output folder of the new artifact; may be that of the old one
   * @param how what was done, to be added to the manifest's method
   * @throws CheckpointException if a file cannot be read or written
   */
  public static void rewrite(
      LoadedModel artifact,
      ArtifactManifest manifest,
      Path output,
      Weights weights,
      List<MatrixEntry> entries,
      String how) {
    Path trace = artifact.folder().resolve(TRACE);
    var _ =
        write(
            output,
            artifact,
            weights,
            new ArtifactManifest(
                manifest.version(),
                manifest.method() + how,
                manifest.seed(),
                manifest.calibration(),
                manifest.gauge(),
                entries,
                "",
                0),
            read(artifact.folder().resolve(PLAN)),
            read(artifact.folder().resolve(REPORT)),
            Files.exists(trace) ? Optional.of(read(trace)) : Optional.empty());
  }

  private static String read(Path file) {
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
   * @param plan plan.yaml
   * @param report report.html
   * @param flow the trace of a flow, if there was one
   * @return the manifest as written
   * @throws CheckpointException if the folder cannot be written
   */
  public static ArtifactManifest write(
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
      artifact.addText(PLAN, plan);
      artifact.addText(REPORT, report);
      flow.ifPresent(trace -> artifact.addText(TRACE, trace));
      return artifact.commit(source.config().raw(), manifest);
    }
  }
}
