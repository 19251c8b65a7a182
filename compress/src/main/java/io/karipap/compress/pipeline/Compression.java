package io.karipap.compress.pipeline;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.Progress;
import io.karipap.compress.fit.JobRunner;
import io.karipap.compress.fit.LocalJobRunner;
import io.karipap.compress.progress.LoggedProgress;
import io.karipap.compress.store.SystemMemory;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.OriginalModel;
import io.karipap.tensor.NativeMemory;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;

/** Compresses a model, stage by stage. */
public final class Compression {

  private static final List<Stage> STAGES =
      List.of(
          new PrepareStage(),
          new AllocateStage(),
          new FitStage(),
          HealStage.beforeQuantization(),
          new QuantizeStage(),
          HealStage.afterQuantization(),
          new WriteStage());

  private Compression() {}

  /**
   * Runs all stages, the fits in threads of this process.
   *
   * @throws CheckpointException if an input is bad or the output cannot be written; nothing is left
   *     behind but the folder that a later run can resume from
   * @throws IllegalArgumentException if the request cannot be met
   */
  public static CompressionResult run(CompressionRequest request, Progress progress) {
    return run(request, Architectures.standard(), LocalJobRunner.standard(), progress);
  }

  /**
   * Runs all stages.
   *
   * @param architectures the families that the model may be of
   * @param runner does the fits
   * @throws CheckpointException as {@link #run(CompressionRequest, Progress)} does
   * @throws IllegalArgumentException if the request cannot be met
   */
  public static CompressionResult run(
      CompressionRequest request,
      Architectures architectures,
      JobRunner runner,
      Progress progress) {
    long start = System.nanoTime();
    ArtifactWriter.begin(request.output(), true).close(); // refuses early what it would refuse late
    try (var _ = new TensorScope();
        var original = OriginalModel.open(request.model(), architectures);
        var context = RunContext.open(request, original, runner, LoggedProgress.of(progress))) {
      progress.needs(ResourceEstimator.estimate(request, original.architecture()));
      WorkingModel model = WorkingModel.original(original.weights());
      for (Stage stage : STAGES) {
        model = stage.run(context, model);
        NativeMemory.trim();
      }
      return new CompressionResult(
          original.weights().parameters(),
          model.weights().parameters(),
          4 * original.weights().parameters(),
          bytes(model.weights()),
          (System.nanoTime() - start) * 1e-9,
          SystemMemory.peakResident(),
          model.entries(),
          Symmetry.labels(model.prepared().symmetries()),
          model.prepared().trials());
    }
  }

  /** Bytes of the tensors as they are written. */
  private static long bytes(Weights weights) {
    return weights.matrices().values().stream().mapToLong(f -> f.form().bytes()).sum()
        + 4 * weights.vectors().values().stream().mapToLong(Tensor::elements).sum();
  }
}
