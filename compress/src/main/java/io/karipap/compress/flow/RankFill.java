package io.karipap.compress.flow;

import io.karipap.network.LowRank;
import io.karipap.tensor.Tensor;
import java.util.Optional;

/** Spends what the last move saved too much on the ranks that gain the most by it. */
public final class RankFill {

  /** Filling stops when less than this part of the budget remains. */
  private static final double BUDGET_SLACK = 0.002;

  private RankFill() {}

  /** A rank more of one matrix. */
  private record Step(TruncationPath path, PathPoint to, double gain, long parameters) {}

  /** The selection with ranks added, as long as they keep it within a budget of parameters. */
  public static PathSelection fill(PathSelection selection, long budget) {
    PathSelection filled = selection;
    long left = budget - selection.parameters();
    Optional<Step> best = best(filled, left);
    while (left > BUDGET_SLACK * budget && best.isPresent()) {
      left -= best.get().parameters();
      filled = filled.with(best.get().path(), best.get().to());
      best = best(filled, left);
    }
    return filled;
  }

  /** The rank that gains the most nats for a parameter, of those that are not too large. */
  private static Optional<Step> best(PathSelection selection, long left) {
    Optional<Step> best = Optional.empty();
    for (var entry : selection.points().entrySet()) {
      Optional<Step> step = larger(entry.getKey(), entry.getValue(), left);
      double most = best.map(Step::gain).orElse(0.0);
      if (step.isPresent() && step.get().gain() > most) {
        best = step;
      }
    }
    return best;
  }

  private static Optional<Step> larger(TruncationPath path, PathPoint here, long left) {
    var pairs = path.matrix().lowRank();
    long unit = pairs.parameters(1);
    if (here.factorization() instanceof LowRank(Tensor pair, Tensor _)
        && pair.size(1) < pairs.ranks()
        && unit <= left
        && pairs.parameters(pair.size(1) + 1) < path.matrix().elements()) {
      PathPoint larger = path.rank(pair.size(1) + 1);
      return Optional.of(new Step(path, larger, here.slopeFrom(larger), unit));
    }
    return Optional.empty();
  }
}
