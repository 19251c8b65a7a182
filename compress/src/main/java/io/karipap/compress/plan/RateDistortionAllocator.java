package io.karipap.compress.plan;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.Budget;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.cost.MatrixBudget;
import io.karipap.compress.flow.BondFlow;
import io.karipap.compress.flow.MeasuredCorrection;
import io.karipap.compress.flow.SensitiveMatrix;
import io.karipap.compress.flow.TruncationPath;
import io.karipap.compress.flow.TruncationPaths;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Factorization;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;

/**
 * Spends a budget of bytes, operations or time on the rate-distortion curves of all matrices.
 *
 * @param paths of the model's matrices
 * @param budget in any unit
 * @param schemes to quantize numbers in, where that saves what the budget counts
 * @param owner holds the factorizations of the result
 */
public record RateDistortionAllocator(
    TruncationPaths paths, Budget budget, List<QuantizationScheme> schemes, TensorOwner owner)
    implements Allocator {

  /** Copies the list. */
  public RateDistortionAllocator {
    schemes = List.copyOf(schemes);
  }

  @Override
  public Allocation allocate() {
    Weights original = paths.model().weights();
    MatrixBudget matrices = MatrixBudget.of(budget, paths.model().architecture(), original);
    long units = matrices.units();
    CostUnit unit = budget.unit();
    var target =
        new TruncationPaths.Target(
            matrices.share(),
            matrices.share() < 1 && unit.paysNetworks(),
            unit.paysCodes() ? schemes : List.of());
    try (var held = new TensorOwner();
        var workers = new Workers(Threads.available())) {
      SingleMatrixKl probe = paths.model().probe(held);
      List<TruncationPath> prepared = paths.prepare(target, probe, held, workers);
      // only for the rings on the way: the models of the choices are measured
      long parameters = Math.round(target.share() * original.parameters());
      var _ =
          new BondFlow(prepared, original.parameters(), workers, paths.progress())
              .run(parameters, Optional.empty());
      List<List<Candidate>> curves = curves(matrices, target.schemes(), prepared, workers);
      List<SensitiveMatrix> sensitive = prepared.stream().map(TruncationPath::matrix).toList();
      AllocationTrace trace = new AllocationTrace(new ArrayList<>(), new ArrayList<>());
      List<Candidate> chosen =
          new MeasuredChoice(
                  paths.model(), MeasuredCorrection.further(probe), workers, paths.progress())
              .choose(sensitive, curves, units, trace);
      return allocation(sensitive, chosen, trace);
    }
  }

  private List<List<Candidate>> curves(
      MatrixBudget matrices,
      List<QuantizationScheme> formats,
      List<TruncationPath> prepared,
      Workers workers) {
    RateDistortionCurve curve = new RateDistortionCurve(matrices.cost(), formats);
    Progress progress = paths.progress();
    progress.stage("rate and distortion", prepared.size());
    ProgressCounter done = new ProgressCounter(progress);
    List<Callable<List<Candidate>>> tasks = new ArrayList<>();
    for (int i = 0; i < prepared.size(); i++) {
      MatrixSpec spec = matrices.names().get(i);
      TruncationPath path = prepared.get(i);
      tasks.add(() -> {
        List<Candidate> made = curve.of(spec, path);
        done.add(spec.name());
        return made;
      });
    }
    return workers.run(tasks);
  }

  private Allocation allocation(
      List<SensitiveMatrix> matrices, List<Candidate> chosen, AllocationTrace trace) {
    SequencedMap<String, Factorization> factorizations = new LinkedHashMap<>();
    Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
    for (int i = 0; i < chosen.size(); i++) {
      String name = matrices.get(i).name();
      factorizations.put(name, chosen.get(i).state().factorization());
      chosen.get(i).numbers().ifPresent(spec -> numbers.put(name, spec));
    }
    return Allocation.of(factorizations, numbers, trace, owner);
  }
}
