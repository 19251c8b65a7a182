package io.karipap.compress.plan;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.Budget;
import io.karipap.compress.cost.MatrixBudget;
import io.karipap.compress.flow.BondFlow;
import io.karipap.compress.flow.DivergenceBound;
import io.karipap.compress.flow.Moves;
import io.karipap.compress.flow.PathSelection;
import io.karipap.compress.flow.RankFill;
import io.karipap.compress.flow.TruncationPath;
import io.karipap.compress.flow.TruncationPaths;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Truncates the bonds of the whole model where a parameter saved costs the fewest nats, until the
 * budget of parameters is met.
 *
 * @param paths of the model's matrices
 * @param budget of parameters
 * @param maxKl the divergence on held-out text that it stops at; infinite for no bound
 * @param owner holds the factorizations of the result
 */
public record FlowAllocator(TruncationPaths paths, Budget budget, double maxKl, TensorOwner owner)
    implements Allocator {

  @Override
  public Allocation allocate() {
    Weights original = paths.model().weights();
    MatrixBudget matrices = MatrixBudget.of(budget, paths.model().architecture(), original);
    long limit = matrices.cost().fixed() + matrices.units();
    double share = matrices.share();
    try (var held = new TensorOwner();
        var workers = new Workers(Threads.available())) {
      List<TruncationPath> prepared =
          paths.prepare(
              new TruncationPaths.Target(share, share < 1, List.of()),
              paths.model().probe(held),
              held,
              workers);
      DivergenceBound bound =
          new DivergenceBound(
              selection -> paths.model().divergence(selection.factorizations()), maxKl);
      Moves moves =
          new BondFlow(prepared, original.parameters(), workers, paths.progress())
              .run(limit, Optional.of(bound))
              .within(limit);
      PathSelection reached = moves.selection();
      PathSelection chosen =
          maxKl == Double.POSITIVE_INFINITY ? RankFill.fill(reached, limit) : reached;
      return Allocation.of(
          chosen.factorizations(),
          Map.of(),
          new AllocationTrace(moves.steps(), bound.measured()),
          owner);
    }
  }
}
