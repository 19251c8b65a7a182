package io.karipap.compress;

import io.karipap.checkpoint.ArtifactManifest;
import io.karipap.checkpoint.ArtifactWriter;
import io.karipap.checkpoint.Calibration;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.MatrixEntry;
import io.karipap.model.CalibrationStatistics;
import io.karipap.model.Documents;
import io.karipap.model.LoadedModel;
import io.karipap.model.TokenSequence;
import io.karipap.model.Weights;
import io.karipap.model.Windows;
import io.karipap.network.Factorization;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compresses a model: calibrate, plan, fit, heal, write. */
public final class Compression {

  private Compression() {}

  /**
   * Runs the whole pipeline.
   *
   * @throws CheckpointException if an input is bad or the output cannot be written; nothing is left
   *     behind but the folder that a later run can resume from
   * @throws IllegalArgumentException if the request cannot be met
   */
  public static CompressionResult run(CompressionRequest request, Progress progress) {
    long start = System.nanoTime();
    ArtifactWriter.begin(request.output(), true).close(); // refuses early what it would refuse late
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var model = LoadedModel.open(request.model())) {
      if (model.manifest().isPresent()) {
        throw new CheckpointException(
            request.model() + " is compressed already: compress its original instead");
      }
      Documents documents = Documents.read(request.calibration());
      Plan plan = plan(request, model);
      WorkFolder work =
          WorkFolder.open(
              request.output(), describe(request, plan, model, documents), request.resume());
      List<FittedMatrix> fitted;
      Calibration calibration;
      Optional<FlowTrace> trace = Optional.empty();
      if (request.flow().isPresent()) {
        FlowData data =
            FlowData.of(model, documents.encode(model.tokenizer()), request.calibrationTokens());
        try (var statistics = data.statistics(model, progress);
            var gradients = data.gradients(model, request.seed(), progress)) {
          calibration = describe(request, statistics, documents, model);
          Flow.Result flow =
              new Flow(
                      model,
                      data,
                      request.flow().get(),
                      options(request),
                      new FitStore(work.path()),
                      progress)
                  .run(request.parameters(), statistics, gradients, owner);
          fitted = flow.matrices();
          trace = Optional.of(flow.trace());
        }
        plan = planned(request, fitted);
      } else {
        try (var statistics = calibrate(request, model, documents, progress)) {
          calibration = describe(request, statistics, documents, model);
          fitted = fit(request, model, statistics, plan, work, progress, owner);
        }
      }
      List<MatrixEntry> entries = fitted.stream().map(FittedMatrix::entry).toList();
      Weights weights = model.weights().with(factorizations(fitted));
      if (request.healTokens() > 0) {
        weights =
            Healer.heal(
                    model,
                    weights,
                    documents,
                    Healer.settings(
                        model.config(),
                        request.healTokens(),
                        HealRequest.LEARNING_RATE,
                        request.seed()),
                    work.path().resolve("healing.safetensors"),
                    owner,
                    progress)
                .weights();
      }
      progress.stage("writing", 1);
      ArtifactManifest manifest =
          new ArtifactManifest(
              ArtifactManifest.VERSION,
              method(request),
              request.seed(),
              calibration,
              entries,
              "",
              0);
      ArtifactManifest written =
          ArtifactFiles.write(
              request.output(),
              model,
              weights,
              manifest,
              plan.toYaml(),
              Report.html(model, entries, trace.map(FlowTrace::html).orElse("")),
              trace.map(FlowTrace::toJson));
      work.delete();
      progress.at(1, "");
      return new CompressionResult(
          model.weights().parameters(),
          weights.parameters(),
          4 * model.weights().parameters(),
          4 * weights.parameters(),
          (System.nanoTime() - start) * 1e-9,
          Memory.peakResident(),
          written.matrices());
    }
  }

  private static Plan plan(CompressionRequest request, LoadedModel model) {
    if (request.recipe().isEmpty()) {
      return UniformPlanner.plan(model.config(), request.parameters(), request.form());
    }
    Plan plan = Plan.read(request.recipe().get());
    List<String> names = plan.matrices().stream().map(Plan.Entry::name).toList();
    if (!names.equals(List.copyOf(model.weights().matrices().keySet()))) {
      throw new CheckpointException(
          "the recipe "
              + request.recipe().get()
              + " lists other matrices than the model has: take the plan.yaml of a model of the same shape");
    }
    return plan;
  }

  private static CalibrationStatistics calibrate(
      CompressionRequest request, LoadedModel model, Documents documents, Progress progress) {
    progress.stage("calibrating", 100);
    List<TokenSequence> ids = documents.encode(model.tokenizer());
    List<Windows.Window> windows =
        Windows.spread(
            Windows.cut(ids, model.config().contextLength()), request.calibrationTokens());
    return CalibrationStatistics.collect(
        model.decoder(), ids, windows, share -> progress.at(Math.round(100 * share), ""));
  }

  private static List<FittedMatrix> fit(
      CompressionRequest request,
      LoadedModel model,
      CalibrationStatistics statistics,
      Plan plan,
      WorkFolder work,
      Progress progress,
      TensorOwner owner) {
    return new ModelFit(
            model,
            statistics,
            new MatrixFit(request.grid(), options(request)),
            new FitStore(work.path()),
            progress)
        .run(plan, Memory.available() / 2, owner);
  }

  private static FitOptions options(CompressionRequest request) {
    FitOptions standard = FitOptions.standard();
    return new FitOptions(
        request.fitIterations(),
        standard.tolerance(),
        standard.ridge(),
        standard.restarts(),
        request.seed());
  }

  /** The sizes and forms that a flow ended with, to be followed by others. */
  private static Plan planned(CompressionRequest request, List<FittedMatrix> fitted) {
    return new Plan(
        request.parameters(),
        fitted.stream()
            .map(matrix ->
                new Plan.Entry(
                    matrix.entry().name(),
                    (matrix.factorization() instanceof Pepo
                            ? Form.RING
                            : Form.of(matrix.entry().form()))
                        .label(),
                    matrix.entry().parameters()))
            .toList());
  }

  private static Map<String, Factorization> factorizations(List<FittedMatrix> fitted) {
    Map<String, Factorization> map = new LinkedHashMap<>();
    fitted.forEach(matrix -> map.put(matrix.entry().name(), matrix.factorization()));
    return map;
  }

  private static String method(CompressionRequest request) {
    String heal =
        request.healTokens() > 0
            ? ", healed by distillation on %d tokens".formatted(request.healTokens())
            : "";
    return request.flow().isPresent()
        ? "flow of low rank and rings, fitted to activations and gradients%s".formatted(heal)
        : "%s, fitted to activations%s".formatted(request.form().label(), heal);
  }

  private static Calibration describe(
      CompressionRequest request,
      CalibrationStatistics statistics,
      Documents documents,
      LoadedModel model) {
    return new Calibration(
        Digest.of(documents.texts()),
        statistics.tokens(),
        statistics.windows(),
        model.config().contextLength(),
        String.valueOf(request.calibration().getFileName()));
  }

  /** Everything that the result depends on; a run is resumed only when this is the same. */
  private static String describe(
      CompressionRequest request, Plan plan, LoadedModel model, Documents documents) {
    return String.join(
        "\n",
        "calibration " + Digest.of(documents.texts()),
        "model " + Digest.of(model.weights()),
        "calibration tokens " + request.calibrationTokens(),
        "grid " + request.grid().map(Grid::toString).orElse("-"),
        "iterations " + request.fitIterations(),
        "healing tokens " + request.healTokens(),
        "seed " + request.seed(),
        "flow " + request.flow().map(FlowSettings::toString).orElse("-"),
        plan.toYaml());
  }
}
