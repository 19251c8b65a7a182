package io.karipap.compress;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.Weights;
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
final class Planner {

  /** Choices tried; after all but the last, every matrix is probed. */
  static final int ROUNDS = 3;

  /** A measured divergence corrects its estimate by this factor at most, up or down. */
  private static final double TRUSTED = 30;

  private final ModelConfig config;
  private final Weights original;
  private final FlowData data;
  private final Progress progress;
  private final Workers workers;

  Planner(ModelConfig config, Weights original, FlowData data, Progress progress, Workers workers) {
    this.config = config;
    this.original = original;
    this.data = data;
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
  List<Candidate> choose(
      List<FlowMatrix> matrices, List<List<Candidate>> curves, long budget, FlowTrace trace) {
    progress.stage("planning", (ROUNDS - 1L) * matrices.size());
    List<List<Candidate>> corrected = curves;
    List<Candidate> best = RateDistortion.choose(curves, budget);
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      try (var _ = new TensorScope();
          var held = new TensorOwner()) {
        List<Candidate> chosen = RateDistortion.choose(corrected, budget);
        Map<String, Factorization> replaced = replacements(matrices, chosen, held);
        double kl = data.divergence(config, original, original.with(replaced));
        trace
            .divergences()
            .add(
                new FlowTrace.Divergence(
                    original.with(replaced).parameters(),
                    chosen.stream().mapToDouble(Candidate::loss).sum(),
                    kl));
        if (kl < least) {
          least = kl;
          best = chosen;
        }
        if (round < ROUNDS - 1) {
          corrected = corrected(matrices, chosen, replaced, corrected, round);
        }
      }
    }
    return best;
  }

  /** Every matrix as its candidate would make it, contracted. */
  private Map<String, Factorization> replacements(
      List<FlowMatrix> matrices, List<Candidate> chosen, TensorOwner held) {
    List<Callable<Factorization>> tasks = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      FlowMatrix matrix = matrices.get(i);
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

  private static Factorization rounded(FlowMatrix matrix, Candidate candidate) {
    Factorization f = candidate.state().factorization();
    return candidate.numbers().map(scheme -> RateCurve.rounded(matrix, f, scheme)).orElse(f);
  }

  private List<List<Candidate>> corrected(
      List<FlowMatrix> matrices,
      List<Candidate> chosen,
      Map<String, Factorization> replaced,
      List<List<Candidate>> curves,
      int round) {
    List<List<Candidate>> corrected = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      String name = matrices.get(i).name();
      double estimate = chosen.get(i).loss();
      double factor = 1;
      if (estimate > 0) {
        double measured =
            data.probe(
                config,
                original,
                original.with(Map.of(name, replaced.getOrDefault(name, original.matrix(name)))));
        factor = Math.clamp(measured / estimate, 1 / TRUSTED, TRUSTED);
      }
      double by = factor;
      corrected.add(curves.get(i).stream().map(candidate -> candidate.scaled(by)).toList());
      progress.at((long) round * chosen.size() + i + 1, name);
    }
    return corrected;
  }
}
