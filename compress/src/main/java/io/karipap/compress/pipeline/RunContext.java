package io.karipap.compress.pipeline;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.Progress;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.JobRunner;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.store.Digest;
import io.karipap.compress.store.RunDirectory;
import io.karipap.model.arch.Architecture;
import io.karipap.model.io.OriginalModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.TensorOwner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What the stages of a run share: its inputs, where it keeps results, and the statistics of the
 * model from the stage that collects them to the one that needs them last.
 */
final class RunContext implements AutoCloseable {

  private final CompressionRequest request;
  private final OriginalModel model;
  private final Documents documents;
  private final CalibrationSplit text;
  private final RunDirectory directory;
  private final JobRunner runner;
  private final Progress progress;
  private final TensorOwner owner = new TensorOwner();
  private final long start = System.nanoTime();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private Optional<WeightedMatrices> matrices = Optional.empty();

  private RunContext(
      CompressionRequest request,
      OriginalModel model,
      Documents documents,
      RunDirectory directory,
      JobRunner runner,
      Progress progress) {
    this.request = request;
    this.model = model;
    this.documents = documents;
    this.directory = directory;
    this.runner = runner;
    this.progress = progress;
    List<TokenSequence> ids = documents.encode(model.tokenizer());
    this.text =
        request.allocation().planning().isPresent()
            ? CalibrationSplit.of(model.config(), ids, request.calibration().tokens())
            : CalibrationSplit.whole(model.config(), ids, request.calibration().tokens());
  }

  /**
   * Reads the text and opens the folder of the run.
   *
   * @throws CheckpointException if the model is compressed already, the text cannot be read, or the
   *     folder holds results of another request
   */
  static RunContext open(
      CompressionRequest request, OriginalModel model, JobRunner runner, Progress progress) {
    Documents documents = Documents.read(request.calibration().file());
    RunDirectory directory =
        RunDirectory.open(
            request.output(), RunDescription.of(request, model, documents), request.run().resume());
    return new RunContext(request, model, documents, directory, runner, progress);
  }

  CompressionRequest request() {
    return request;
  }

  OriginalModel model() {
    return model;
  }

  Architecture architecture() {
    return model.architecture();
  }

  /** The calibration text: of a run that measures divergences, some of it is held out. */
  CalibrationSplit text() {
    return text;
  }

  RunDirectory directory() {
    return directory;
  }

  JobRunner runner() {
    return runner;
  }

  Progress progress() {
    return progress;
  }

  /** Holds the tensors of the compressed model. */
  TensorOwner owner() {
    return owner;
  }

  /** Options of the iterative fits. */
  FitOptions fitOptions() {
    FitOptions standard = FitOptions.standard();
    return new FitOptions(
        request.fit().iterations(),
        standard.tolerance(),
        standard.ridge(),
        standard.restarts(),
        request.run().seed());
  }

  /** Seconds since the run began. */
  double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** The manifest's record of the text. */
  CalibrationRecord calibrationRecord() {
    return new CalibrationRecord(
        Digest.of(documents.texts()),
        text.calibration().stream().mapToLong(Windows.Window::length).sum(),
        text.calibration().size(),
        model.config().contextLength(),
        String.valueOf(request.calibration().file().getFileName()));
  }

  /** Keeps a resource until {@link #release}. */
  void hold(Runnable close) {
    held.push(close);
  }

  /** The metrics of the original's matrices, from the first stage on. */
  void calibrated(WeightedMatrices metrics) {
    matrices = Optional.of(metrics);
    hold(metrics::release);
  }

  /**
   * The metrics of the original's matrices.
   *
   * @throws java.util.NoSuchElementException after {@link #release}
   */
  WeightedMatrices matrices() {
    return matrices.orElseThrow();
  }

  /** Lets go of all statistics. */
  void release() {
    matrices = Optional.empty();
    while (!held.isEmpty()) {
      held.pop().run();
    }
  }

  @Override
  public void close() {
    release();
    owner.close();
  }
}
