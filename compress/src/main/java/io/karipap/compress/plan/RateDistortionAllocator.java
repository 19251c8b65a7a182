package io.karipap.compress.plan;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.Progress;
import io.karipap.compress.ProgressCounter;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.flow.AllocationTrace;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Spends a budget on the rate-distortion curves of all matrices, and corrects the curves by what is
 * measured: the divergence of the model with one matrix replaced by its candidate, against the
 * candidate's estimate. Of all choices on the way the one with the smallest measured divergence of
 * the whole model is kept.
 */
public final class RateDistortionAllocator {

  /** Choices tried; after all but the last, every matrix is probed. */
  public static final int ROUNDS = 3;

  /** A measured divergence corrects its estimate by this factor at most, up or down. */
  private static final double TRUSTED = 30;

  private final ModelConfig config;
  private final Weights original;
  private final CalibrationSplit data;
  private final SingleMatrixKl probe;
  private final Progress progress;
  private final Workers workers;

  public RateDistortionAllocator(
      ModelConfig config,
      Weights original,
      CalibrationSplit data,
      SingleMatrixKl probe,
      Progress progress,
      Workers workers) {
    this.config = config;
    this.original = original;
    this.data = data;
    this.probe = probe;
    this.progress = progress;
    this.workers = workers;
  }

  /**
   * One candidate for each matrix.
   *
   * @param matrices in the order of the curves
   * @param trace takes what is measured
   * @throws IllegalArgumentException if the budget is too small for any choice
   */
  public List<Candidate> choose(
      List<WeightedMatrix> matrices,
      List<List<Candidate>> curves,
      long budget,
      AllocationTrace trace) {
    progress.stage("planning", (ROUNDS - 1L) * matrices.size());
    ProgressCounter done = new ProgressCounter(progress);
    List<List<Candidate>> corrected = curves;
    List<Candidate> best = BudgetKnapsack.choose(curves, budget);
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      try (var _ = new TensorScope();
          var held = new TensorOwner()) {
        List<Candidate> chosen = BudgetKnapsack.choose(corrected, budget);
        Map<String, Factorization> replaced = replacements(matrices, chosen, held);
        double kl = data.divergence(config, original, original.with(replaced));
        trace
            .divergences()
            .add(
                new AllocationTrace.Divergence(
                    original.with(replaced).parameters(),
                    chosen.stream().mapToDouble(Candidate::loss).sum(),
                    kl));
        if (kl < least) {
          least = kl;
          best = chosen;
        }
        if (round < ROUNDS - 1) {
          corrected = corrected(chosen, replaced, corrected, done);
        }
      }
    }
    return best;
  }

  /** Every matrix as its candidate would make it, contracted. */
  private Map<String, Factorization> replacements(
      List<WeightedMatrix> matrices, List<Candidate> chosen, TensorOwner held) {
    List<Callable<Factorization>> tasks = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      WeightedMatrix matrix = matrices.get(i);
      Candidate candidate = chosen.get(i);
      tasks.add(() -> new Dense(held.own(rounded(matrix, candidate).matrix().to(DType.F32))));
    }
    List<Factorization> made = workers.run(tasks);
    Map<String, Factorization> replaced = new LinkedHashMap<>();
    for (int i = 0; i < made.size(); i++) {
      replaced.put(matrices.get(i).name(), made.get(i));
    }
    return replaced;
  }

  private static Factorization rounded(WeightedMatrix matrix, Candidate candidate) {
    Factorization f = candidate.state().factorization();
    return candidate
        .numbers()
        .map(coding -> RateDistortionCurve.rounded(matrix, f, coding))
        .orElse(f);
  }

  private List<List<Candidate>> corrected(
      List<Candidate> chosen,
      Map<String, Factorization> replaced,
      List<List<Candidate>> curves,
      ProgressCounter done) {
    List<Map.Entry<String, Factorization>> exchanged = List.copyOf(replaced.entrySet());
    List<Callable<List<Candidate>>> tasks = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      String name = exchanged.get(i).getKey();
      Factorization by = exchanged.get(i).getValue();
      double estimate = chosen.get(i).loss();
      List<Candidate> curve = curves.get(i);
      tasks.add(() -> {
        double factor =
            estimate > 0
                ? Math.clamp(probe.divergence(name, by) / estimate, 1 / TRUSTED, TRUSTED)
                : 1;
        done.add(name);
        return curve.stream().map(candidate -> candidate.scaled(factor)).toList();
      });
    }
    return workers.run(tasks);
  }
}
