package io.karipap.compress.flow;

import io.karipap.compress.AllocationTrace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Measures models on the way down, and finds the last one within a bound of divergence. */
public final class DivergenceBound {

  private final ToDoubleFunction<PathSelection> divergence;
  private final double most;
  private final List<AllocationTrace.Divergence> measured = new ArrayList<>();

  /**
   * A bound.
   *
   * @param divergence of a model from the original
   * @param most KL divergence on held-out text in nats per token; infinite for no bound
   */
  public DivergenceBound(ToDoubleFunction<PathSelection> divergence, double most) {
    this.divergence = divergence;
    this.most = most;
  }

  /** Measures the model after some moves: true if it diverges too far. */
  boolean isExceeded(Moves moves) {
    PathSelection selection = moves.selection();
    double kl = divergence.applyAsDouble(selection);
    measured.add(new AllocationTrace.Divergence(selection.parameters(), selection.loss(), kl));
    return kl > most;
  }

  /** The most moves that keep to the bound, by bisection; all of them together do not. */
  Moves bisected(Moves moves) {
    int good = 0;
    int bad = moves.count();
    while (bad - good > 1) {
      int middle = (good + bad) / 2;
      if (isExceeded(moves.first(middle))) {
        bad = middle;
      } else {
        good = middle;
      }
    }
    return moves.first(good);
  }

  /** All measurements, the largest model first. */
  public List<AllocationTrace.Divergence> measured() {
    return measured.stream().sorted(Comparator.comparingLong(d -> -d.modelParameters())).toList();
  }
}
