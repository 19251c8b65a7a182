package io.karipap.compress.pipeline;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.HealOptions;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.MatrixFit;
import io.karipap.compress.fit.ModelFit;
import io.karipap.compress.flow.AllocationTrace;
import io.karipap.compress.flow.BondFlow;
import io.karipap.compress.gauge.GaugeSelection;
import io.karipap.compress.gauge.PreparedModel;
import io.karipap.compress.heal.HealTask;
import io.karipap.compress.heal.Healing;
import io.karipap.compress.plan.UniformAllocator;
import io.karipap.compress.quantize.ModelQuantization;
import io.karipap.compress.report.CompressionReport;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.compress.store.Digest;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.compress.store.RunDirectory;
import io.karipap.compress.store.SystemMemory;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.text.Documents;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compresses a model: calibrate, choose a basis, plan, fit, heal, round, heal again, write. */
public final class Compression {

  /** Numbers that share a scale, of which a planner chooses unless said otherwise. */
  private static final List<Integer> GROUPS = List.of(64, 128);

  /** Number formats that a planner chooses from unless said otherwise. */
  private static final List<String> FORMATS =
      List.of("int8", "int6", "int5", "lloyd4", "lloyd3", "lloyd2", "int2");

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
      RunDirectory work =
          RunDirectory.open(
              request.output(), describe(request, model, documents), request.resume());
      progress.needs(ResourceEstimator.estimate(request));
      FittedModel fits =
          request.planning().isPresent()
              ? flow(request, request.planning().get(), model, documents, work, progress, owner)
              : fits(request, model, documents, work, progress, owner);
      PreparedModel basis = fits.basis();
      List<MatrixEntry> entries = entries(fits.matrices(), basis);
      Weights weights = basis.weights().with(factorizations(fits.matrices()));
      boolean cut = fits.matrices().stream().anyMatch(m -> !(m.factorization() instanceof Dense));
      long before =
          Healing.tokensBeforeQuantization(request.healTokens(), cut, !fits.numbers().isEmpty());
      if (before > 0) {
        weights =
            healed(
                weights, before, "healing", request, model, basis, documents, work, progress,
                owner);
      }
      if (!fits.numbers().isEmpty()) {
        List<FittedMatrix> rounded =
            rounded(
                request,
                fits.numbers(),
                model,
                basis,
                weights,
                before > 0,
                documents,
                progress,
                owner);
        entries = replaced(entries, rounded);
        weights = weights.with(factorizations(rounded));
        long after = request.healTokens() - before;
        if (after > 0) {
          weights =
              healed(
                  weights, after, "rounded", request, model, basis, documents, work, progress,
                  owner);
        }
      }
      progress.stage("writing", 1);
      ArtifactManifest manifest =
          new ArtifactManifest(
              ArtifactManifest.VERSION,
              method(request),
              request.seed(),
              fits.calibration(),
              Symmetry.labels(basis.symmetries()),
              entries,
              "",
              0);
      ArtifactManifest written =
          ArtifactFiles.write(
              request.output(),
              model,
              weights,
              manifest,
              fits.plan().toYaml(),
              CompressionReport.html(model, entries, basis.trials(), fits.trace()),
              fits.trace().map(AllocationTrace::toJson));
      work.delete();
      progress.at(1, "");
      return new CompressionResult(
          model.weights().parameters(),
          weights.parameters(),
          4 * model.weights().parameters(),
          bytes(weights),
          (System.nanoTime() - start) * 1e-9,
          SystemMemory.peakResident(),
          written.matrices(),
          written.gauge(),
          basis.trials());
    }
  }

  /**
   * Weights after a distillation.
   *
   * @param stage the folder that keeps its state
   */
  private static Weights healed(
      Weights start,
      long tokens,
      String stage,
      CompressionRequest request,
      LoadedModel model,
      PreparedModel basis,
      Documents documents,
      RunDirectory work,
      Progress progress,
      TensorOwner owner) {
    HealTask task =
        new HealTask(
            new Decoder(model.config(), basis.weights()),
            start,
            documents.encode(model.tokenizer()),
            tokens,
            HealOptions.standard(),
            request.seed());
    return Healing.heal(task, work.folder(stage), owner, progress).weights();
  }

  /** The entries, with those of coded matrices in place of theirs before. */
  private static List<MatrixEntry> replaced(List<MatrixEntry> entries, List<FittedMatrix> coded) {
    Map<String, MatrixEntry> byName = new LinkedHashMap<>();
    entries.forEach(entry -> byName.put(entry.name(), entry));
    coded.forEach(matrix -> byName.put(matrix.entry().name(), matrix.entry()));
    return List.copyOf(byName.values());
  }

  /** Every matrix within its share of a plan. */
  private static FittedModel fits(
      CompressionRequest request,
      LoadedModel model,
      Documents documents,
      RunDirectory work,
      Progress progress,
      TensorOwner owner) {
    Weights folded =
        request.keepsBasis() ? model.weights() : NormFolding.fold(model.config(), model.weights());
    try (var statistics =
            Calibration.inputs(model, folded, documents, request.calibrationTokens(), progress);
        var basis = basis(request, model, folded, statistics, work, progress)) {
      Plan plan = plan(request, model, basis.symmetries());
      return new FittedModel(
          plan,
          basis,
          fit(request, model.config(), basis, plan, work, progress, owner),
          numbers(plan, basis),
          describe(request, statistics, documents, model),
          Optional.empty());
    }
  }

  /** The matrices with their numbers coded, in the metrics of the basis. */
  private static List<FittedMatrix> rounded(
      CompressionRequest request,
      Map<String, QuantizationSpec> numbers,
      LoadedModel model,
      PreparedModel basis,
      Weights weights,
      boolean healed,
      Documents documents,
      Progress progress,
      TensorOwner owner) {
    ModelConfig config = model.config();
    int tokens = request.calibrationTokens();
    boolean corrected = numbers.values().stream().anyMatch(c -> c.correction().isPresent());
    try (var statistics = Calibration.inputs(model, basis.weights(), documents, tokens, progress)) {
      if (!corrected) {
        return new ModelQuantization(config, basis.weights(), statistics, Optional.empty(), numbers)
            .run(weights, healed, progress, owner);
      }
      CalibrationSplit data =
          CalibrationSplit.of(model, documents.encode(model.tokenizer()), tokens);
      try (var gradients = data.gradients(config, basis.weights(), request.seed(), progress)) {
        return new ModelQuantization(
                config, basis.weights(), statistics, Optional.of(gradients), numbers)
            .run(weights, healed, progress, owner);
      }
    }
  }

  /** Bonds truncated over the whole model. */
  private static FittedModel flow(
      CompressionRequest request,
      BondFlowSettings settings,
      LoadedModel model,
      Documents documents,
      RunDirectory work,
      Progress progress,
      TensorOwner owner) {
    CalibrationSplit data =
        CalibrationSplit.of(
            model, documents.encode(model.tokenizer()), request.calibrationTokens());
    Weights folded = NormFolding.fold(model.config(), model.weights());
    try (var statistics = data.statistics(model.config(), folded, progress);
        var basis =
            new GaugeSelection(model.config(), model.weights(), folded, statistics, work)
                .of(flowBasis(request));
        var gradients = data.gradients(model.config(), basis.weights(), request.seed(), progress)) {
      BondFlow.Result flow =
          new BondFlow(
                  model.config(),
                  basis.weights(),
                  data,
                  settings,
                  options(request),
                  new FitCheckpoint(work.path()),
                  progress)
              .run(request.budget(), schemes(request), basis.statistics(), gradients, owner);
      Map<String, QuantizationSpec> numbers = new LinkedHashMap<>(flow.numbers());
      if (!request.budget().unit().paysCodes() && request.quantise().isPresent()) {
        basis
            .weights()
            .matrices()
            .keySet()
            .forEach(name -> numbers.put(name, QuantizationSpec.of(request.quantise().get())));
      }
      return new FittedModel(
          planned(model, flow.matrices(), numbers),
          basis,
          flow.matrices(),
          numbers,
          describe(request, statistics, documents, model),
          Optional.of(flow.trace()));
    }
  }

  /** How the numbers of a plan's matrices are coded, and those of what the basis added. */
  private static Map<String, QuantizationSpec> numbers(Plan plan, PreparedModel basis) {
    Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
    plan.matrices()
        .forEach(entry -> entry.coding().ifPresent(coding -> numbers.put(entry.name(), coding)));
    List<Optional<QuantizationSpec>> codings =
        plan.matrices().stream().map(Plan.Entry::coding).distinct().toList();
    if (codings.size() == 1 && basis.weights().matrices().containsKey(Decoder.HEAD_GAIN)) {
      codings
          .getFirst()
          .ifPresent(
              coding -> numbers.put(Decoder.HEAD_GAIN, QuantizationSpec.of(coding.scheme())));
    }
    return numbers;
  }

  /** The formats that the planner may choose from. */
  private static List<QuantizationScheme> schemes(CompressionRequest request) {
    return request
        .quantise()
        .map(List::of)
        .orElseGet(() ->
            FORMATS.stream()
                .flatMap(
                    format -> GROUPS.stream().map(group -> QuantizationScheme.of(format, group)))
                .toList());
  }

  /** The basis of a flow: there is no uniform plan to try several by, so the free one is taken. */
  private static Set<Symmetry> flowBasis(CompressionRequest request) {
    Set<Symmetry> basis = request.gauge().orElse(EnumSet.of(Symmetry.VALUES));
    if (basis.contains(Symmetry.RESIDUAL)) {
      throw new IllegalArgumentException(
          "a flow works in bases that store nothing: leave residual out of --gauge");
    }
    return basis;
  }

  /** The sizes and forms that a flow ended with, to be followed by others. */
  private static Plan planned(
      LoadedModel model, List<FittedMatrix> fitted, Map<String, QuantizationSpec> numbers) {
    double parameters = fitted.stream().mapToLong(matrix -> matrix.entry().parameters()).sum();
    return new Plan(
        parameters
            / model.weights().matrices().values().stream()
                .mapToLong(Factorization::parameters)
                .sum(),
        fitted.stream()
            .map(matrix ->
                new Plan.Entry(
                    matrix.entry().name(),
                    (matrix.factorization() instanceof Pepo
                            ? FactorizationKind.RING
                            : FactorizationKind.of(matrix.entry().form()))
                        .label(),
                    matrix.entry().parameters(),
                    Optional.ofNullable(numbers.get(matrix.entry().name()))
                        .map(QuantizationSpec::label)
                        .orElse(Plan.Entry.PLAIN)))
            .toList());
  }

  private static Plan plan(
      CompressionRequest request, LoadedModel model, Set<Symmetry> symmetries) {
    if (request.recipe().isEmpty()) {
      return coded(
          request,
          UniformAllocator.plan(
              model.config(),
              request.budget().amount(),
              request.form(),
              GaugeSelection.extraParameters(model.config(), model.weights(), symmetries)));
    }
    Plan plan = coded(request, Plan.read(request.recipe().get()));
    List<String> names = plan.matrices().stream().map(Plan.Entry::name).toList();
    if (!names.equals(List.copyOf(model.weights().matrices().keySet()))) {
      throw new CheckpointException(
          "the recipe "
              + request.recipe().get()
              + " lists other matrices than the model has: take the plan.yaml of a model of the same shape");
    }
    boolean shares =
        plan.matrices().stream()
            .anyMatch(entry -> entry.form().equals(FactorizationKind.CELL.label()));
    if (plan.matrices().stream().anyMatch(entry -> entry.coding().isPresent()) && shares) {
      throw new IllegalArgumentException(
          "the recipe "
              + request.recipe().get()
              + " has cells and coded numbers: what blocks share cannot be rounded");
    }
    return plan;
  }

  /** With all numbers in the format that was asked for, if one was. */
  private static Plan coded(CompressionRequest request, Plan plan) {
    return request
        .quantise()
        .map(scheme ->
            new Plan(
                plan.parameters(),
                plan.matrices().stream()
                    .map(entry -> entry.coded(QuantizationSpec.of(scheme)))
                    .toList()))
        .orElse(plan);
  }

  private static PreparedModel basis(
      CompressionRequest request,
      LoadedModel model,
      Weights folded,
      CalibrationStatistics statistics,
      RunDirectory work,
      Progress progress) {
    if (request.keepsBasis()) {
      return new PreparedModel(Set.of(), List.of(), model.weights(), statistics);
    }
    GaugeSelection selection =
        new GaugeSelection(model.config(), model.weights(), folded, statistics, work);
    return request.gauge().isPresent()
        ? selection.of(request.gauge().get())
        : selection.best(
            candidates(request, model),
            new MatrixFit(
                request.grid(), options(request).withIterations(request.trialIterations())),
            progress);
  }

  private static List<GaugeSelection.Candidate> candidates(
      CompressionRequest request, LoadedModel model) {
    return GaugeSelection.CANDIDATES.stream()
        .flatMap(symmetries ->
            affordable(request, model, symmetries)
                .map(plan -> new GaugeSelection.Candidate(symmetries, plan))
                .stream())
        .toList();
  }

  /** The plan in a gauge, unless the gauge costs what the matrices cannot spare. */
  private static Optional<Plan> affordable(
      CompressionRequest request, LoadedModel model, Set<Symmetry> symmetries) {
    boolean free = GaugeSelection.extraParameters(model.config(), model.weights(), symmetries) == 0;
    if (!free && request.recipe().isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(plan(request, model, symmetries));
    } catch (IllegalArgumentException tooSmall) {
      return Optional.empty();
    }
  }

  /** The symmetries asked for; none while they are still to be chosen. */
  private static Set<Symmetry> asked(CompressionRequest request) {
    return request.gauge().orElse(Set.of());
  }

  private static List<FittedMatrix> fit(
      CompressionRequest request,
      ModelConfig config,
      PreparedModel basis,
      Plan plan,
      RunDirectory work,
      Progress progress,
      TensorOwner owner) {
    return new ModelFit(
            config,
            basis.weights(),
            basis.statistics(),
            new MatrixFit(request.grid(), options(request)),
            new FitCheckpoint(work.path()),
            progress,
            request.cells())
        .run(plan, SystemMemory.available() / 2, owner);
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

  /** What became of every matrix, and what the basis added. */
  private static List<MatrixEntry> entries(List<FittedMatrix> fitted, PreparedModel basis) {
    List<MatrixEntry> entries = new ArrayList<>();
    fitted.forEach(matrix -> entries.add(matrix.entry()));
    Optional.ofNullable(basis.weights().matrices().get(Decoder.HEAD_GAIN))
        .ifPresent(gain -> entries.add(StoredFactorization.entry(Decoder.HEAD_GAIN, gain, 0)));
    return entries;
  }

  private static Map<String, Factorization> factorizations(List<FittedMatrix> fitted) {
    Map<String, Factorization> map = new LinkedHashMap<>();
    fitted.forEach(matrix -> map.put(matrix.entry().name(), matrix.factorization()));
    return map;
  }

  /** Bytes of the tensors as they are written. */
  private static long bytes(Weights weights) {
    return weights.matrices().values().stream().mapToLong(f -> f.form().bytes()).sum()
        + 4 * weights.vectors().values().stream().mapToLong(Tensor::elements).sum();
  }

  private static String method(CompressionRequest request) {
    String heal =
        request.healTokens() > 0
            ? ", healed by distillation on %d tokens".formatted(request.healTokens())
            : "";
    String coded = request.quantise().map(s -> ", coded as " + described(s)).orElse("");
    String planned =
        request.budget().unit() == CostUnit.PARAMETERS
            ? ""
            : ", planned for a budget of " + request.budget().unit().label();
    return "%s, fitted to activations%s%s%s"
        .formatted(request.form().label(), planned, heal, coded);
  }

  private static String described(QuantizationScheme scheme) {
    return "%s in groups of %d".formatted(scheme.format().label(), scheme.group());
  }

  private static CalibrationRecord describe(
      CompressionRequest request,
      CalibrationStatistics statistics,
      Documents documents,
      LoadedModel model) {
    return new CalibrationRecord(
        Digest.of(documents.texts()),
        statistics.tokens(),
        statistics.windows(),
        model.config().contextLength(),
        String.valueOf(request.calibration().getFileName()));
  }

  /** Everything that the result depends on; a run is resumed only when this is the same. */
  private static String describe(
      CompressionRequest request, LoadedModel model, Documents documents) {
    String plan =
        request.planning().isPresent() ? "" : plan(request, model, asked(request)).toYaml();
    return String.join(
        "\n",
        "calibration " + Digest.of(documents.texts()),
        "model " + Digest.of(model.weights()),
        "calibration tokens " + request.calibrationTokens(),
        "grid " + request.grid().map(SiteGrid::toString).orElse("-"),
        "iterations " + request.fitIterations(),
        "cells " + request.cells(),
        "healing tokens " + request.healTokens(),
        "seed " + request.seed(),
        "gauge " + request.gauge().map(Symmetry::labels).map(Object::toString).orElse("auto"),
        "budget " + request.budget(),
        "flow " + request.flow().map(BondFlowSettings::toString).orElse("-"),
        "numbers " + request.quantise().map(Compression::described).orElse("-"),
        plan);
  }
}
