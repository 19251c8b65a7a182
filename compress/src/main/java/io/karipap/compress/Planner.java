package io.karipap.compress;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.Probe;
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
import java.util.concurrent.atomic.AtomicInteger;

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
  private final Probe probe;
  private final Progress progress;
  private final Workers workers;

  Planner(
      ModelConfig config,
      Weights original,
      FlowData data,
      Probe probe,
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
  List<Candidate> choose(
      List<FlowMatrix> matrices, List<List<Candidate>> curves, long budget, FlowTrace trace) {
    progress.stage("planning", (ROUNDS - 1L) * matrices.size());
    AtomicInteger done = new AtomicInteger();
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
          corrected = corrected(chosen, replaced, corrected, done);
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
    return candidate.numbers().map(coding -> RateCurve.rounded(matrix, f, coding)).orElse(f);
  }

  private List<List<Candidate>> corrected(
      List<Candidate> chosen,
      Map<String, Factorization> replaced,
      List<List<Candidate>> curves,
      AtomicInteger done) {
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
        synchronized (progress) {
          progress.at(done.incrementAndGet(), name);
        }
        return curve.stream().map(candidate -> candidate.scaled(factor)).toList();
      });
    }
    return workers.run(tasks);
  }
}
