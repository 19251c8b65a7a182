package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.fit.BondSearch.Choice;
import io.karipap.network.fit.IntegerFactors.Product;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which lattices of a grid hold a matrix within a budget of parameters.
 *
 * <p>Measured on the layers of a small language model, the error of a fit is smallest for sites of
 * equal size (a site with a large output factor gets a small input factor), because these allow the
 * widest bonds for the same number of parameters. A ring of sites 16, 16, 8, 8 has a 10 % smaller
 * error than one of 32, 16, 16, 4, and a third less than one of 64, 16, 8, 1; a little padding that
 * makes the sites more equal reduces the error, too. Among sites of equal size, very different
 * factors (1 x 11 beside 11 x 1) are better for matrices of nearly low rank, for instance queries
 * and keys, and equal factors for values and outputs. So fit the first few lattices.
 */
public final class LatticeSearch {

  /** The most pairs of factorizations (of rows and of columns) that are tried. */
  private static final int MAX_PAIRS = 8;

  private LatticeSearch() {}

  /** Site sizes in the order of the sites. */
  private record Assignment(List<Integer> outputs, List<Integer> inputs) {}

  /**
   * Lattices for a matrix, the most promising first: those with 99 % of the budget or more by
   * decreasing bonds, one arrangement of every factorization after the other, then the others by
   * their parameters.
   *
   * @param m rows of the matrix
   * @param n columns of the matrix
   * @param gridRows rows of the lattice
   * @param gridColumns columns of the lattice
   * @param budget the most parameters
   * @return empty if no lattice is that small
   */
  public static List<Lattice> candidates(int m, int n, int gridRows, int gridColumns, long budget) {
    int sites = Math.multiplyExact(gridRows, gridColumns);
    List<Lattice> ordered = new ArrayList<>();
    List<List<Choice>> families = new ArrayList<>();
    for (Assignment pair : pairs(m, n, sites)) {
      List<Choice> family = new ArrayList<>();
      for (int[] arrangement : arrangements(gridRows, gridColumns)) {
        Lattice lattice =
            new Lattice(
                gridRows,
                gridColumns,
                IntStream.of(arrangement).mapToObj(pair.outputs()::get).toList(),
                IntStream.of(arrangement).mapToObj(pair.inputs()::get).toList(),
                Collections.nCopies(gridRows * (gridColumns - 1), 1),
                Collections.nCopies((gridRows - 1) * gridColumns, 1),
                m,
                n);
        BondSearch.choose(lattice, budget).ifPresent(family::add);
      }
      family.sort(promising(budget));
      if (!family.isEmpty()) {
        families.add(family);
      }
    }
    families.sort((a, b) -> promising(budget).compare(a.getFirst(), b.getFirst()));
    for (int rank = 0; rank < arrangements(gridRows, gridColumns).size(); rank++) {
      for (List<Choice> family : families) {
        if (rank < family.size() && !ordered.contains(family.get(rank).lattice())) {
          ordered.add(family.get(rank).lattice());
        }
      }
    }
    ordered.sort(
        Comparator.comparing(
            lattice -> lattice.parameters() < BondSearch.MIN_BUDGET_SHARE * budget));
    return List.copyOf(ordered);
  }

  private static Comparator<Choice> promising(long budget) {
    return Comparator.comparing((Choice choice) -> !choice.close(budget))
        .thenComparing(choice -> choice.close(budget) ? -choice.capacity() : -choice.parameters());
  }

  /**
   * Factorizations of rows and columns, large factors paired with small ones, sites by decreasing
   * size; the most even first.
   */
  private static List<Assignment> pairs(int m, int n, int sites) {
    record Ranked(Assignment assignment, double badness) {}
    List<Ranked> all = new ArrayList<>();
    for (Product outputs : IntegerFactors.of(m, sites)) {
      for (Product inputs : IntegerFactors.of(n, sites)) {
        List<Integer> o = outputs.factors();
        List<Integer> i = inputs.factors().reversed();
        List<Integer> bySize =
            IntStream.range(0, sites)
                .boxed()
                .sorted(Comparator.comparingInt((Integer s) -> o.get(s) * i.get(s)).reversed())
                .toList();
        int largest = bySize.getFirst();
        int smallest = bySize.getLast();
        double spread =
            Math.log(
                (double) (o.get(largest) * i.get(largest)) / (o.get(smallest) * i.get(smallest)));
        double own = outputs.badness() + inputs.badness();
        all.add(
            new Ranked(
                new Assignment(
                    bySize.stream().map(o::get).toList(), bySize.stream().map(i::get).toList()),
                spread + 0.1 * own));
      }
    }
    return all.stream()
        .sorted(Comparator.comparingDouble(Ranked::badness))
        .limit(MAX_PAIRS)
        .map(Ranked::assignment)
        .toList();
  }

  /** Which of the sites, numbered by decreasing size, goes where. */
  private static List<int[]> arrangements(int gridRows, int gridColumns) {
    if (gridRows == 2 && gridColumns == 2) {
      // the two large sites opposite each other, in one row, in one column
      return List.of(
          new int[] {0, 2, 3, 1},
          new int[] {3, 1, 0, 2},
          new int[] {0, 1, 2, 3},
          new int[] {3, 2, 1, 0},
          new int[] {0, 2, 1, 3},
          new int[] {3, 1, 2, 0});
    }
    // large sites where there are few bonds: the corners and edges
    int sites = gridRows * gridColumns;
    int[] places =
        IntStream.range(0, sites)
            .boxed()
            .sorted(Comparator.comparingInt(site -> neighbours(site, gridRows, gridColumns)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] forward = new int[sites];
    int[] mirrored = new int[sites];
    for (int size = 0; size < sites; size++) {
      forward[places[size]] = size;
      mirrored[sites - 1 - places[size]] = size;
    }
    return List.of(forward, mirrored);
  }

  private static int neighbours(int site, int gridRows, int gridColumns) {
    int row = site / gridColumns;
    int column = site % gridColumns;
    return (row > 0 ? 1 : 0)
        + (row < gridRows - 1 ? 1 : 0)
        + (column > 0 ? 1 : 0)
        + (column < gridColumns - 1 ? 1 : 0);
  }
}
