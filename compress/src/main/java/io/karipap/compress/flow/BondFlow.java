package io.karipap.compress.flow;

import io.karipap.compress.Progress;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.tensor.Workers;
import java.util.List;
import java.util.Optional;

/**
 * The renormalization flow: all matrices begin dense and lose what costs the least estimated nats
 * per parameter, until the model is small enough.
 *
 * <p>In the metric with both sides a matrix's loss does not depend on the others, so every matrix
 * has a way down of its own ({@link TruncationPath}). A price per parameter rises round by round;
 * in each, all paths go on, in parallel, as far as the price pays. Merged by price, their steps are
 * those of the greedy choice over all bonds of all matrices.
 *
 * @param paths at their beginning, in the order of the model
 * @param original parameters of the whole model with all matrices dense
 */
public record BondFlow(
    List<TruncationPath> paths, long original, Workers workers, Progress progress) {

  /** The price of a round against that of the one before. */
  private static final double PRICE_FACTOR = 1.5;

  /** The divergence is measured whenever this part of the original's parameters is gone. */
  private static final double CHECK_INTERVAL = 0.08;

  /** Nats that the whole model is worth at the first price at least: no parameter is free. */
  private static final double LEAST_FIRST_PRICE = 1e-4;

  /**
   * Raises the price until the model is small enough or diverges too far.
   *
   * @param budget parameters of the whole model
   * @param bound measures on the way; nothing is measured without one
   * @return the moves of all rounds: more than the budget asks for, since they come by rounds, or
   *     fewer, if they would exceed the bound
   * @throws IllegalArgumentException if the budget is too small for the smallest networks
   */
  public Moves run(long budget, Optional<DivergenceBound> bound) {
    double price = firstPrice();
    progress.stage("flow", 100);
    long measured = original;
    long size = original;
    Moves moves = Moves.of(paths, original);
    while (size > budget) {
      double now = price;
      workers.runAll(paths.stream().<Runnable>map(path -> () -> path.advance(now)).toList());
      moves = Moves.of(paths, original);
      size = moves.selection().parameters();
      long part = 100 * (original - size) / Math.max(1, original - budget);
      progress.at(Math.min(100, part), "");
      if (bound.isPresent() && (measured - size >= CHECK_INTERVAL * original || size <= budget)) {
        Moves reached = moves.within(budget);
        measured = reached.selection().parameters();
        if (bound.get().isExceeded(reached)) {
          return bound.get().bisected(reached);
        }
      }
      if (size > budget && paths.stream().allMatch(path -> Double.isInfinite(path.price()))) {
        throw new IllegalArgumentException(
            "the target is too small: the smallest networks have %d parameters, more than %d; keep more"
                .formatted(size, budget));
      }
      price *= PRICE_FACTOR;
    }
    return moves;
  }

  /** The price of the cheapest first step. */
  private double firstPrice() {
    progress.stage("first networks", paths.size());
    ProgressCounter done = new ProgressCounter(progress);
    workers.runAll(
        paths.stream()
            .<Runnable>map(path ->
                () -> {
                  var _ = path.next();
                  done.add(path.matrix().name());
                })
            .toList());
    double least = paths.stream().mapToDouble(TruncationPath::price).min().orElseThrow();
    return Math.max(least, LEAST_FIRST_PRICE / original);
  }
}
