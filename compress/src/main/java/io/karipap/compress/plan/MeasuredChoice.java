package io.karipap.compress.plan;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.Progress;
import io.karipap.compress.calibrate.ReferenceModel;
import io.karipap.compress.flow.MeasuredCorrection;
import io.karipap.compress.flow.SensitiveMatrix;
import io.karipap.compress.progress.ProgressCounter;
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
 * Chooses by a knapsack on rate-distortion curves, and corrects the curves by measurements: the
 * divergence of the model with one matrix replaced by its candidate, against the candidate's
 * estimate. Of all choices the one with the smallest measured divergence of the whole model is
 * kept.
 */
public record MeasuredChoice(
    ReferenceModel model, MeasuredCorrection correction, Workers workers, Progress progress) {

  /** Choices tried; after all but the last, every matrix is probed. */
  public static final int ROUNDS = 3;

  /**
   * One candidate for each matrix.
   *
   * @param matrices in the order of the curves
   * @param trace takes what is measured
   * @throws IllegalArgumentException if the budget is too small for any choice
   */
  List<Candidate> choose(
      List<SensitiveMatrix> matrices,
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
        double kl = model.divergence(replaced);
        trace
            .divergences()
            .add(
                new AllocationTrace.Divergence(
                    model.weights().with(replaced).parameters(),
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
      List<SensitiveMatrix> matrices, List<Candidate> chosen, TensorOwner held) {
    List<Callable<Factorization>> tasks = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      SensitiveMatrix matrix = matrices.get(i);
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

  private static Factorization rounded(SensitiveMatrix matrix, Candidate candidate) {
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
        double factor = correction.factor(name, by, estimate);
        done.add(name);
        return curve.stream().map(candidate -> candidate.scaled(factor)).toList();
      });
    }
    return workers.run(tasks);
  }
}
