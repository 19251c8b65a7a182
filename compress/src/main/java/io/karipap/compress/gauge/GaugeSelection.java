package io.karipap.compress.gauge;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.fit.JobRunner;
import io.karipap.compress.fit.MatrixFit;
import io.karipap.compress.fit.ModelFit;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.RunDirectory;
import io.karipap.model.arch.Architecture;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.gauge.Gauge;
import io.karipap.model.gauge.GaugeChoice;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.WeightSource;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts a model into the basis that it is compressed in: one that is asked for, or of several the
 * one in which short fits of the middle block's matrices have the smallest error. What a basis
 * stores beside the matrices is taken from their budget, so that all compete at the same size.
 */
public final class GaugeSelection {

  /**
   * The gauges that a decision is made between; of equal ones the first is taken. No order of the
   * neurons that was tried changed an error by more than the fits scatter.
   */
  public static final List<Set<Symmetry>> CANDIDATES =
      List.of(
          Set.of(), EnumSet.of(Symmetry.VALUES), EnumSet.of(Symmetry.RESIDUAL, Symmetry.VALUES));

  private final Architecture architecture;
  private final WeightSource original;
  private final WeightSource folded;
  private final CalibrationStatistics statistics;
  private final RunDirectory work;
  private final GaugeStore store;

  /** A gauge, and what the matrices may become in it. */
  public record Candidate(Set<Symmetry> symmetries, Plan plan) {}

  /**
   * Selects for a model. Must be used inside a tensor scope.
   *
   * @param folded the model, the norms' gains folded into the next layers
   * @param statistics of the folded model
   * @param work remembers the decision
   */
  public GaugeSelection(
      WeightSource original,
      WeightSource folded,
      CalibrationStatistics statistics,
      RunDirectory work) {
    this.architecture = original.architecture();
    this.original = original;
    this.folded = folded;
    this.statistics = statistics;
    this.work = work;
    this.store = new GaugeStore(work.path());
  }

  /** Numbers that a model stores beside the original's in a gauge. */
  public static long extraParameters(WeightSource original, Set<Symmetry> symmetries) {
    return symmetries.contains(Symmetry.RESIDUAL) ? Gauge.extraParameters(original) : 0;
  }

  /** The gauge that is asked for. */
  public ChosenGauge of(Set<Symmetry> symmetries) {
    return stored().orElseGet(() -> decided(symmetries, List.of()));
  }

  /** The candidate that short fits are the best in. */
  public ChosenGauge best(
      List<Candidate> candidates, MatrixFit fit, JobRunner runner, Progress progress) {
    return stored()
        .orElseGet(() -> {
          List<GaugeTrial> trials = new ArrayList<>();
          for (Candidate candidate : candidates) {
            Plan sample = sample(candidate.plan());
            if (!sample.matrices().isEmpty()) {
              trials.add(tried(candidate.symmetries(), sample, fit, runner, progress));
            }
          }
          Set<Symmetry> best =
              trials.stream()
                  .min(Comparator.comparingDouble(GaugeTrial::meanSquaredError))
                  .map(trial -> Symmetry.of(trial.gauge()))
                  .orElse(Set.of());
          return decided(best, trials);
        });
  }

  /** The model in a gauge. Must be called inside a tensor scope, which holds its vectors. */
  public WeightSource source(ChosenGauge chosen) {
    return chosen.symmetries().isEmpty() ? original : chosen.gauge().apply(folded);
  }

  /** The statistics of the model in a gauge, open as long as those of the folded model are. */
  public CalibrationStatistics statistics(ChosenGauge chosen) {
    return chosen.symmetries().isEmpty()
        ? NormFolding.unfold(original, statistics)
        : chosen.gauge().apply(architecture, statistics);
  }

  /**
   * The middle block's matrices that may become what depends on a basis. One block is no unit cell:
   * a ring stands in for it.
   */
  private Plan sample(Plan plan) {
    int middle = architecture.config().layers() / 2;
    return new Plan(
        plan.parameters(),
        plan.matrices().stream()
            .filter(entry -> architecture.matrix(entry.name()).block() == middle)
            .filter(entry ->
                FactorizationKind.of(entry.form()).candidates().stream()
                    .anyMatch(form ->
                        form != FactorizationKind.DENSE && form != FactorizationKind.LOWRANK))
            .map(entry ->
                FactorizationKind.of(entry.form()) == FactorizationKind.CELL
                    ? new Plan.Entry(entry.name(), FactorizationKind.RING.label(), entry.budget())
                    : entry)
            .toList());
  }

  private GaugeTrial tried(
      Set<Symmetry> symmetries, Plan sample, MatrixFit fit, JobRunner runner, Progress progress) {
    List<String> labels = Symmetry.labels(symmetries);
    Path folder = work.folder(labels.isEmpty() ? "trial" : "trial-" + String.join("-", labels));
    ChosenGauge tried = new ChosenGauge(symmetries, List.of(), gauge(symmetries));
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var inputs = statistics(tried)) {
      ModelFit model =
          new ModelFit(
              new WeightedMatrices(source(tried), Calibration.of(inputs)),
              fit,
              0,
              new FitCheckpoint(folder),
              runner,
              new Renamed("choosing a basis", progress));
      double error =
          model.run(sample, Map.of(), owner).stream()
              .mapToDouble(matrix -> matrix.entry().error())
              .map(e -> e * e)
              .average()
              .orElseThrow();
      return new GaugeTrial(labels, extraParameters(original, symmetries), error);
    }
  }

  private ChosenGauge decided(Set<Symmetry> symmetries, List<GaugeTrial> trials) {
    Gauge gauge = gauge(symmetries);
    store.save(new GaugeStore.Choice(Symmetry.labels(symmetries), trials), gauge);
    return new ChosenGauge(symmetries, trials, gauge);
  }

  private Optional<ChosenGauge> stored() {
    return store
        .choice()
        .map(choice ->
            new ChosenGauge(
                Symmetry.of(choice.gauge()), choice.trials(), store.gauge(architecture)));
  }

  private Gauge gauge(Set<Symmetry> symmetries) {
    return new GaugeChoice(folded, statistics).of(symmetries);
  }

  /** Progress of a part of the work that is a stage by itself. */
  private record Renamed(String name, Progress progress) implements Progress {
    @Override
    public void stage(String ignored, long total) {
      progress.stage(name, total);
    }

    @Override
    public void at(long done, String note) {
      progress.at(done, note);
    }
  }
}
