package io.karipap.compress.report;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.AllocationTrace;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.Progress;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A compression that is done but for the writing.
 *
 * @param request of the run
 * @param original the model that was compressed
 * @param text text that both models are measured on
 * @param weights of the compressed model, as they will be written
 * @param manifest as it will be written
 * @param trials comparisons that the gauge was chosen by
 * @param trace how sizes and forms were chosen over the whole model, if they were
 * @param seconds since the run began
 */
public record FinishedCompression(
    CompressionRequest request,
    LoadedModel original,
    EvaluationText text,
    Weights weights,
    ArtifactManifest manifest,
    List<GaugeTrial> trials,
    Optional<AllocationTrace> trace,
    double seconds) {

  /** Measures the compressed model against the original and reports on the run. */
  public CompressionReport report(Progress progress) {
    Measurements measurements = ReportMeasurements.of(original, weights, text, progress);
    Step step =
        Step.of(
            manifest.method(),
            request.run().command(),
            RunParameters.of(request),
            seconds,
            Optional.of(measurements));
    ReportRecord record =
        new ReportRecord(name(original.folder()), bytes(original.folder()), trials, List.of(step));
    return CompressionReport.of(original.architecture(), weights, manifest, record, trace);
  }

  private static String name(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  /** Bytes of the stored tensors. */
  private static long bytes(Path folder) {
    try (TensorStore store = TensorStore.open(folder)) {
      return store.names().stream().mapToLong(tensor -> store.info(tensor).bytes()).sum();
    }
  }
}
