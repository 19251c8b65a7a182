package io.karipap.compress.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The cheapest ways to spend a budget on several matrices whose losses add up: each matrix walks up
 * the lower convex hull of its candidates, and the step that gains the most for a unit goes first
 * (Shoham and Gersho 1988: what is found so is optimal for the sum it costs). What is left over
 * buys single candidates, on a hull or not.
 */
final class BudgetKnapsack {

  private BudgetKnapsack() {}

  /**
   * One candidate of each curve.
   *
   * @param curves all candidates of each matrix, none empty
   * @throws IllegalArgumentException if even the smallest cost more than the budget
   */
  static List<Candidate> choose(List<List<Candidate>> curves, long budget) {
    List<List<Candidate>> hulls = curves.stream().map(BudgetKnapsack::hull).toList();
    List<Candidate> chosen = new ArrayList<>(hulls.stream().map(List::getFirst).toList());
    long left = budget - chosen.stream().mapToLong(Candidate::cost).sum();
    if (left < 0) {
      throw new IllegalArgumentException(
          "the budget is too small: the smallest matrices need %d, and %d is left for them"
              .formatted(budget - left, budget));
    }
    record Step(int curve, Candidate to, double gain) {}
    List<Step> steps = new ArrayList<>();
    for (int curve = 0; curve < hulls.size(); curve++) {
      List<Candidate> hull = hulls.get(curve);
      for (int i = 1; i < hull.size(); i++) {
        steps.add(new Step(curve, hull.get(i), hull.get(i - 1).gainTo(hull.get(i))));
      }
    }
    // stable: on one hull gains fall, and equal ones keep the order of the model
    steps.sort(Comparator.comparingDouble(step -> -step.gain()));
    for (Step step : steps) {
      long more = step.to().cost() - chosen.get(step.curve()).cost();
      if (more > left) {
        break;
      }
      chosen.set(step.curve(), step.to());
      left -= more;
    }
    fill(curves, chosen, left);
    return chosen;
  }

  private static void fill(List<List<Candidate>> curves, List<Candidate> chosen, long budget) {
    long left = budget;
    boolean spent = true;
    while (spent) {
      spent = false;
      double best = 0;
      int winner = 0;
      Candidate next = chosen.getFirst();
      for (int curve = 0; curve < curves.size(); curve++) {
        Candidate here = chosen.get(curve);
        for (Candidate other : curves.get(curve)) {
          double gain = here.loss() - other.loss();
          if (other.cost() - here.cost() <= left && gain > best) {
            best = gain;
            winner = curve;
            next = other;
            spent = true;
          }
        }
      }
      if (spent) {
        left -= next.cost() - chosen.get(winner).cost();
        chosen.set(winner, next);
      }
    }
  }

  /** The lower convex hull, by rising cost and falling loss. */
  static List<Candidate> hull(List<Candidate> candidates) {
    return LowerConvexHull.of(candidates, Candidate::cost, Candidate::loss);
  }
}
