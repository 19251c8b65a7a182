package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Fits the best network of a grid within a budget: several lattices are fitted a little, the better
 * ones further, the best one to the end (successive halving).
 */
public final class BestLattice {

  /** Number of lattices that are tried; fewer when the iterations do not suffice for so many. */
  private static final int FIRST_ROUND_LATTICES = 6;

  private static final int MIN_ITERATIONS_PER_LATTICE = 20;

  /** Number of lattices in the second round. */
  private static final int SECOND_ROUND_LATTICES = 2;

  /**
   * Iterations done at the end of the first and of the second round; in shorter fits, these shares
   * of all iterations.
   */
  private static final int FIRST_ROUND_ITERATIONS = 30;

  private static final int SECOND_ROUND_ITERATIONS = 120;
  private static final double FIRST_ROUND_SHARE = 0.25;
  private static final double SECOND_ROUND_SHARE = 0.6;

  private BestLattice() {}

  /** A network and how far it has come. */
  private record Runner(Pepo pepo, Fitted fitted) {}

  /**
   * The best fit found.
   *
   * @param w [m, n]
   * @param gridRows rows of the lattice
   * @param gridColumns columns of the lattice
   * @param budget the most parameters
   * @param options of the whole fit; {@code iterations} is the number for the best lattice
   * @throws IllegalArgumentException if the sizes do not fit, or no lattice of the grid is within
   *     the budget
   */
  public static Fitted fit(
      Tensor w, Metric metric, int gridRows, int gridColumns, long budget, FitOptions options) {
    List<Lattice> lattices =
        LatticeSearch.candidates(w.size(0), w.size(1), gridRows, gridColumns, budget);
    if (lattices.isEmpty()) {
      throw new IllegalArgumentException(
          "no %d x %d lattice holds a %d x %d matrix with %d parameters: allow more"
              .formatted(gridRows, gridColumns, w.size(0), w.size(1), budget));
    }
    int first =
        (int) Math.min(FIRST_ROUND_ITERATIONS, Math.ceil(FIRST_ROUND_SHARE * options.iterations()));
    int second =
        (int)
            Math.min(SECOND_ROUND_ITERATIONS, Math.ceil(SECOND_ROUND_SHARE * options.iterations()));
    int tried =
        Math.clamp(options.iterations() / MIN_ITERATIONS_PER_LATTICE, 1, FIRST_ROUND_LATTICES);
    List<Runner> runners = new ArrayList<>();
    for (Lattice lattice : lattices.subList(0, Math.min(tried, lattices.size()))) {
      Pepo start = HierarchicalSvd.start(w, metric, lattice);
      runners.add(advance(new Runner(start, unfitted(start)), first, w, metric, options));
    }
    List<Runner> better = new ArrayList<>();
    for (Runner runner : best(runners, SECOND_ROUND_LATTICES)) {
      better.add(advance(runner, second, w, metric, options));
    }
    return advance(best(better, 1).getFirst(), options.iterations(), w, metric, options).fitted();
  }

  private static Fitted unfitted(Pepo start) {
    return new Fitted(start, Double.POSITIVE_INFINITY, 0);
  }

  private static List<Runner> best(List<Runner> runners, int count) {
    return runners.stream()
        .sorted(Comparator.comparingDouble(runner -> runner.fitted().squaredError()))
        .limit(count)
        .toList();
  }

  /** Goes on until a number of iterations in all. */
  private static Runner advance(
      Runner runner, int until, Tensor w, Metric metric, FitOptions options) {
    int done = runner.fitted().iterations();
    int more = Math.max(0, Math.min(until, options.iterations()) - done);
    Fitted next = PepoFit.from(runner.pepo(), w, metric, options.withIterations(more));
    Pepo pepo = (Pepo) next.factorization();
    return new Runner(pepo, new Fitted(pepo, next.squaredError(), done + next.iterations()));
  }
}
