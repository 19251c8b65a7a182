package io.karipap.compress.pipeline;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.Plan;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.plan.Allocation;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.WeightSource;
import io.karipap.network.Factorization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The model between two stages.
 *
 * @param prepared the original in the basis that it is compressed in
 * @param allocation forms and sizes
 * @param entries the manifest's lines, in the order of the model
 * @param weights as they are now; before the fits, vectors alone
 * @param healedTokens of distillation so far
 */
record WorkingModel(
    PreparedModel prepared,
    Allocation allocation,
    List<MatrixEntry> entries,
    Weights weights,
    long healedTokens) {

  WorkingModel {
    entries = List.copyOf(entries);
  }

  /** The original, before any stage. */
  static WorkingModel original(WeightSource source) {
    return new WorkingModel(
        new PreparedModel(Set.of(), List.of(), source),
        Allocation.of(new Plan(1, List.of())),
        List.of(),
        new Weights(Map.of(), source.vectors()),
        0);
  }

  WorkingModel with(PreparedModel basis) {
    Weights vectors = new Weights(Map.of(), basis.source().vectors());
    return new WorkingModel(basis, allocation, entries, vectors, healedTokens);
  }

  WorkingModel with(Allocation allocated) {
    return new WorkingModel(prepared, allocated, entries, weights, healedTokens);
  }

  WorkingModel healed(Weights trained, long tokens) {
    return new WorkingModel(prepared, allocation, entries, trained, healedTokens + tokens);
  }

  /** The same with some matrices in place of theirs before; new ones come last. */
  WorkingModel with(List<FittedMatrix> matrices) {
    Map<String, MatrixEntry> lines = new LinkedHashMap<>();
    entries.forEach(entry -> lines.put(entry.name(), entry));
    Map<String, Factorization> replaced = new LinkedHashMap<>();
    for (FittedMatrix matrix : matrices) {
      lines.put(matrix.entry().name(), matrix.entry());
      replaced.put(matrix.entry().name(), matrix.factorization());
    }
    return new WorkingModel(
        prepared, allocation, List.copyOf(lines.values()), weights.with(replaced), healedTokens);
  }

  /** How the numbers of matrices are to be quantized, by name; others stay as they are. */
  Map<String, QuantizationSpec> numbers(Architecture architecture) {
    Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
    List<Plan.Entry> planned = allocation.plan().matrices();
    planned.forEach(entry -> entry.coding().ifPresent(spec -> numbers.put(entry.name(), spec)));
    List<Optional<QuantizationSpec>> specs =
        planned.stream().map(Plan.Entry::coding).distinct().toList();
    String headGain = architecture.headGain().name();
    // what the basis added is no matrix of the plan: it goes with all others, if they agree
    if (specs.size() == 1
        && prepared.source().matrices().stream().anyMatch(m -> m.name().equals(headGain))) {
      specs
          .getFirst()
          .ifPresent(spec -> {
            if (spec instanceof QuantizationSpec.Scalar(var scheme, _)) {
              numbers.put(headGain, QuantizationSpec.of(scheme));
            }
          });
    }
    return numbers;
  }
}
