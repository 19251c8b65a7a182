package io.karipap.compress.plan;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.QuantizationSpec;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.TensorOwner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * How a budget is shared out.
 *
 * @param plan form, size and number format of every matrix
 * @param starts factorizations that the allocator has come by, by name, which the fits start from
 * @param trace how it was found, where the whole model was truncated or planned
 */
public record Allocation(
    Plan plan, Map<String, Factorization> starts, Optional<AllocationTrace> trace) {

  /** Copies the map. */
  public Allocation {
    starts = Map.copyOf(starts);
  }

  /** A plan whose fits begin anew. */
  public static Allocation of(Plan plan) {
    return new Allocation(plan, Map.of(), Optional.empty());
  }

  /** The same with all numbers in one format. */
  public Allocation quantized(QuantizationScheme scheme) {
    return new Allocation(plan.quantized(scheme), starts, trace);
  }

  /**
   * The sizes and forms of chosen factorizations.
   *
   * @param chosen in the order of the model; dense ones are the original's
   * @param numbers how their numbers are quantized, by name; others stay as they are
   * @param owner holds the copies that fits start from
   */
  static Allocation of(
      SequencedMap<String, Factorization> chosen,
      Map<String, QuantizationSpec> numbers,
      AllocationTrace trace,
      TensorOwner owner) {
    List<Plan.Entry> entries = new ArrayList<>();
    Map<String, Factorization> starts = new LinkedHashMap<>();
    long parameters = 0;
    long elements = 0;
    for (var matrix : chosen.entrySet()) {
      String name = matrix.getKey();
      Factorization f = matrix.getValue();
      FactorizationKind kind = kind(f);
      entries.add(
          new Plan.Entry(
              name,
              kind.label(),
              f.parameters(),
              Optional.ofNullable(numbers.get(name))
                  .map(QuantizationSpec::label)
                  .orElse(Plan.Entry.PLAIN)));
      if (kind != FactorizationKind.DENSE) {
        starts.put(name, f.map(core -> owner.own(core.contiguous())));
      }
      parameters += f.parameters();
      elements += (long) f.rows() * f.columns();
    }
    return new Allocation(
        new Plan((double) parameters / elements, entries), starts, Optional.of(trace));
  }

  private static FactorizationKind kind(Factorization f) {
    return switch (f) {
      case Dense _ -> FactorizationKind.DENSE;
      case LowRank _ -> FactorizationKind.LOWRANK;
      case Pepo _ -> FactorizationKind.RING;
      case BlockTensorTrain _, UnitCell _, Quantized _, Sum _, Sparse _ ->
          throw new IllegalArgumentException(
              "no path passes through " + f.getClass().getSimpleName());
    };
  }
}
