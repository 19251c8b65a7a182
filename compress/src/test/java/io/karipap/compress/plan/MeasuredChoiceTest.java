package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Progress;
import io.karipap.compress.cost.CountedCost;
import io.karipap.compress.flow.MeasuredCorrection;
import io.karipap.compress.flow.SensitiveMatrix;
import io.karipap.compress.flow.TruncationPath;
import io.karipap.compress.flow.TruncationPaths;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Factorization;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredChoiceTest {

  private static final long BUDGET = 408;

  @TempDir Path folder;

  /** Curves of every second matrix are twenty times too low. */
  @Test
  void wrongCurvesAreCorrectedByMeasurements() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var workers = new Workers(2);
        var tiny = TinyPlanning.of(8, 12, false)) {
      SingleMatrixKl probe = tiny.model().probe(owner);
      List<TruncationPath> paths =
          tiny.paths(folder)
              .prepare(new TruncationPaths.Target(0.6, false, List.of()), probe, owner, workers);
      List<SensitiveMatrix> matrices = paths.stream().map(TruncationPath::matrix).toList();
      RateDistortionCurve curve =
          new RateDistortionCurve(new CountedCost(CostUnit.OPERATIONS, 0, false), List.of());
      List<List<Candidate>> right = new ArrayList<>();
      List<List<Candidate>> wrong = new ArrayList<>();
      for (int i = 0; i < paths.size(); i++) {
        double factor = i % 2 == 0 ? 1 : 0.05;
        List<Candidate> made =
            curve.of(tiny.model().architecture().matrices().get(i), paths.get(i));
        right.add(made);
        wrong.add(made.stream().map(candidate -> candidate.scaled(factor)).toList());
      }
      AllocationTrace trace = new AllocationTrace(new ArrayList<>(), new ArrayList<>());
      List<Candidate> chosen =
          new MeasuredChoice(
                  tiny.model(), MeasuredCorrection.further(probe), workers, Progress.NONE)
              .choose(matrices, wrong, BUDGET, trace);

      double best = loss(probe, matrices, BudgetKnapsack.choose(right, BUDGET));
      assertThat(loss(probe, matrices, BudgetKnapsack.choose(wrong, BUDGET)))
          .isGreaterThan(1.5 * best);
      assertThat(loss(probe, matrices, chosen)).isLessThan(1.25 * best);
      assertThat(chosen.stream().mapToLong(Candidate::cost).sum()).isLessThanOrEqualTo(BUDGET);
      // the one that diverges the least, of all that were tried
      double least =
          trace.divergences().stream()
              .mapToDouble(AllocationTrace.Divergence::kl)
              .min()
              .orElseThrow();
      Map<String, Factorization> replaced = new HashMap<>();
      for (int i = 0; i < chosen.size(); i++) {
        replaced.put(matrices.get(i).name(), chosen.get(i).state().factorization());
      }
      assertThat(tiny.model().divergence(replaced)).isCloseTo(least, within(1e-5));
    }
  }

  /** What the model diverges by when each matrix alone is replaced, summed. */
  private static double loss(
      SingleMatrixKl probe, List<SensitiveMatrix> matrices, List<Candidate> chosen) {
    double sum = 0;
    for (int i = 0; i < chosen.size(); i++) {
      sum += probe.divergence(matrices.get(i).name(), chosen.get(i).state().factorization());
    }
    return sum;
  }
}
