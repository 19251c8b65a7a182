package io.karipap.compress.pipeline;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.MatrixFit;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.gauge.ChosenGauge;
import io.karipap.compress.gauge.GaugeSelection;
import io.karipap.model.arch.Architecture;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.CovarianceFolder;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.WeightSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Collects the statistics of the original, and puts it into the basis of its compression. */
final class PrepareStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    WeightSource original = context.model().weights();
    PreparedModel prepared;
    CalibrationStatistics inputs;
    if (context.request().keepsBasis()) {
      prepared = model.prepared();
      inputs = statistics(context, original);
    } else {
      WeightSource folded = NormFolding.fold(original);
      CalibrationStatistics seen = statistics(context, folded);
      GaugeSelection selection = new GaugeSelection(original, folded, seen, context.directory());
      ChosenGauge chosen = chosen(selection, context);
      prepared = new PreparedModel(chosen.symmetries(), chosen.trials(), selection.source(chosen));
      inputs = selection.statistics(chosen);
    }
    Calibration calibration = new Calibration(inputs, gradients(context, prepared.source()));
    context.calibrated(
        isCoded(context)
            ? new WeightedMatrices(
                prepared.source(), calibration, WeightedMatrices.EVEN_TOKEN_WEIGHT)
            : new WeightedMatrices(prepared.source(), calibration));
    return model.with(prepared);
  }

  /** Statistics that the run's folder keeps, so that a resumed run reads them. */
  private static CalibrationStatistics statistics(RunContext context, WeightSource source) {
    CovarianceFolder folder = new CovarianceFolder(context.directory().folder("statistics"));
    CalibrationStatistics statistics =
        context.text().statistics(source, folder, context.progress());
    context.hold(statistics::close);
    return statistics;
  }

  /** Gradients, where losses are measured in nats: by a planner, corrections and entropy coders. */
  private static Optional<GradientStatistics> gradients(RunContext context, WeightSource source) {
    CompressionRequest request = context.request();
    if (request.allocation().planning().isEmpty() && !hasLossesInNats(context)) {
      return Optional.empty();
    }
    CalibrationSplit text = context.text();
    GradientStatistics gradients = text.gradients(source, request.run().seed(), context.progress());
    context.hold(gradients::close);
    return Optional.of(gradients);
  }

  private static boolean hasLossesInNats(RunContext context) {
    return isCoded(context) || recipe(context).anyMatch(spec -> spec.correction().isPresent());
  }

  /** Whether numbers go behind an entropy coder. */
  private static boolean isCoded(RunContext context) {
    return context.request().allocation().coding().isPresent()
        || recipe(context).anyMatch(spec -> spec instanceof QuantizationSpec.Coded);
  }

  /** How a recipe codes numbers, if there is one. */
  private static Stream<QuantizationSpec> recipe(RunContext context) {
    CompressionRequest request = context.request();
    return request.allocation().recipe().isEmpty()
        ? Stream.empty()
        : Allocators.plan(request, context.model(), Set.of()).matrices().stream()
            .flatMap(entry -> entry.coding().stream());
  }

  private static ChosenGauge chosen(GaugeSelection selection, RunContext context) {
    CompressionRequest request = context.request();
    if (request.allocation().planning().isPresent()) {
      return selection.of(planned(request, context.architecture()));
    }
    return request.gauge().isPresent()
        ? selection.of(request.gauge().get())
        : selection.best(
            candidates(context),
            new MatrixFit(
                request.fit().grid(),
                context.fitOptions().withIterations(request.fit().trialIterations())),
            context.runner(),
            context.progress());
  }

  /** There is no uniform plan to try several gauges by, so the one that stores nothing is taken. */
  private static Set<Symmetry> planned(CompressionRequest request, Architecture architecture) {
    Set<Symmetry> free = Symmetry.of(architecture);
    free.retainAll(Set.of(Symmetry.VALUES));
    Set<Symmetry> symmetries = request.gauge().orElse(free);
    if (symmetries.contains(Symmetry.RESIDUAL)) {
      throw new IllegalArgumentException(
          "a flow works in bases that store nothing: leave residual out of `gauge`");
    }
    return symmetries;
  }

  private static List<GaugeSelection.Candidate> candidates(RunContext context) {
    return GaugeSelection.CANDIDATES.stream()
        .filter(Symmetry.of(context.architecture())::containsAll)
        .flatMap(symmetries ->
            Allocators.affordable(context.request(), context.model(), symmetries)
                .map(plan -> new GaugeSelection.Candidate(symmetries, plan))
                .stream())
        .toList();
  }
}
