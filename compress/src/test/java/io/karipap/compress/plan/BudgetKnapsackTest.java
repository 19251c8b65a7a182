package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.compress.flow.PathPoint;
import io.karipap.network.Dense;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BudgetKnapsackTest {

  private static Candidate candidate(long cost, double loss) {
    try (var _ = new TensorScope()) {
      var nothing = new PathPoint(new Dense(Tensor.zeros(DType.F32, 1, 1)), "", 0, loss);
      return new Candidate(nothing, Optional.empty(), cost, loss);
    }
  }

  private static double loss(List<Candidate> chosen) {
    return chosen.stream().mapToDouble(Candidate::loss).sum();
  }

  private static long cost(List<Candidate> chosen) {
    return chosen.stream().mapToLong(Candidate::cost).sum();
  }

  @Test
  void hullLeavesOutWhatLiesAboveIt() {
    List<Candidate> hull =
        BudgetKnapsack.hull(
            List.of(
                candidate(10, 0),
                candidate(4, 5),
                candidate(1, 9),
                candidate(6, 4.9),
                candidate(7, 2),
                candidate(2, 12),
                candidate(12, 0)));

    // from (1, 9): slopes 4/3 to (4, 5), 1 to (7, 2), 2/3 to (10, 0); (6, 4.9) lies above the chord
    assertThat(hull.stream().map(Candidate::cost)).containsExactly(1L, 4L, 7L, 10L);
  }

  /** All choices of three matrices, one by one, against the choice. */
  @Test
  void isWithinOneStepOfTheExactOptimum() {
    Random random = new Random(5);
    for (int trial = 0; trial < 200; trial++) {
      List<List<Candidate>> curves = new ArrayList<>();
      for (int matrix = 0; matrix < 3; matrix++) {
        List<Candidate> curve = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          curve.add(candidate(1 + random.nextInt(30), random.nextDouble()));
        }
        curves.add(curve);
      }
      long smallest =
          curves.stream()
              .mapToLong(c -> c.stream().mapToLong(Candidate::cost).min().orElseThrow())
              .sum();
      long budget = smallest + random.nextInt(40);

      List<Candidate> chosen = BudgetKnapsack.choose(curves, budget);

      assertThat(cost(chosen)).isLessThanOrEqualTo(budget);
      // Lagrangian duality: what the choice costs it could not have cost less for, up to one step
      assertThat(loss(chosen)).isLessThanOrEqualTo(optimum(curves, budget) + largestStep(curves));
    }
  }

  /** No single exchange that the rest of the budget pays for lowers the loss. */
  @Test
  void whatIsLeftBuysNothingMore() {
    Random random = new Random(6);
    for (int trial = 0; trial < 50; trial++) {
      List<List<Candidate>> curves = new ArrayList<>();
      for (int matrix = 0; matrix < 4; matrix++) {
        curves.add(
            Stream.generate(() -> candidate(1 + random.nextInt(30), random.nextDouble()))
                .limit(6)
                .toList());
      }
      List<Candidate> chosen = BudgetKnapsack.choose(curves, 150);
      for (int matrix = 0; matrix < 4; matrix++) {
        Candidate here = chosen.get(matrix);
        long affordable = here.cost() + 150 - cost(chosen);
        assertThat(curves.get(matrix))
            .filteredOn(other -> other.cost() <= affordable)
            .allMatch(other -> other.loss() >= here.loss());
      }
    }
  }

  @Test
  void choosesTheOptimumOnHulls() {
    List<List<Candidate>> curves =
        List.of(
            List.of(candidate(1, 10), candidate(2, 4), candidate(3, 1)),
            List.of(candidate(1, 8), candidate(2, 5), candidate(3, 4)));

    List<Candidate> chosen = BudgetKnapsack.choose(curves, 4);

    // steps gain 6, 3 | 3, 1: the budget buys the 6 and the first 3
    assertThat(loss(chosen)).isEqualTo(optimum(curves, 4)).isEqualTo(9);
  }

  @Test
  void refusesABudgetBelowTheSmallest() {
    List<List<Candidate>> curves = List.of(List.of(candidate(5, 1)), List.of(candidate(6, 1)));
    assertThatThrownBy(() -> BudgetKnapsack.choose(curves, 10))
        .hasMessageContaining("need 11")
        .hasMessageContaining("10 is left");
  }

  private static double optimum(List<List<Candidate>> curves, long budget) {
    if (curves.isEmpty()) {
      return budget < 0 ? Double.POSITIVE_INFINITY : 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (Candidate candidate : curves.getFirst()) {
      double rest = optimum(curves.subList(1, curves.size()), budget - candidate.cost());
      best = Math.min(best, candidate.loss() + rest);
    }
    return best;
  }

  private static double largestStep(List<List<Candidate>> curves) {
    double largest = 0;
    for (List<Candidate> curve : curves) {
      List<Candidate> hull = BudgetKnapsack.hull(curve);
      for (int i = 1; i < hull.size(); i++) {
        largest = Math.max(largest, hull.get(i - 1).loss() - hull.get(i).loss());
      }
    }
    return largest;
  }
}
