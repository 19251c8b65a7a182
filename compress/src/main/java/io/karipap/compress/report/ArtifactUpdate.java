package io.karipap.compress.report;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.AllocationTrace;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Writes a compressed model with other numbers: plan and trace stay, the report is made anew. */
public final class ArtifactUpdate {

  private ArtifactUpdate() {}

  /**
   * Writes the model.
   *
   * @param artifact the compressed model
   * @param output folder of the new artifact; may be that of the old one
   * @param weights the new ones
   * @param entries what became of each matrix
   * @param step what was done, added to the manifest's method and to the report
   * @throws CheckpointException if a file cannot be read or written
   */
  public static void write(
      LoadedModel artifact, Path output, Weights weights, List<MatrixEntry> entries, Step step) {
    ArtifactManifest old =
        artifact
            .manifest()
            .orElseThrow(() ->
                new CheckpointException(
                    artifact.folder() + " is not a compressed model: compress one first"));
    ArtifactManifest manifest =
        new ArtifactManifest(
            old.version(),
            old.method() + ", " + step.action(),
            old.seed(),
            old.calibration(),
            old.gauge(),
            entries,
            "",
            0);
    Path folder = artifact.folder();
    Path traced = folder.resolve(ArtifactFiles.TRACE);
    Optional<AllocationTrace> trace =
        Files.exists(traced) ? Optional.of(AllocationTrace.read(traced)) : Optional.empty();
    CompressionReport report =
        CompressionReport.of(
            artifact.architecture(),
            weights,
            manifest,
            ReportRecord.read(folder).with(step),
            trace);
    SequencedMap<String, String> texts = new LinkedHashMap<>();
    texts.put(ArtifactFiles.PLAN, ArtifactFiles.read(folder.resolve(ArtifactFiles.PLAN)));
    texts.putAll(report.files());
    trace.ifPresent(t -> texts.put(ArtifactFiles.TRACE, t.toJson()));
    var _ = ArtifactFiles.write(output, artifact, weights, manifest, texts);
  }
}
