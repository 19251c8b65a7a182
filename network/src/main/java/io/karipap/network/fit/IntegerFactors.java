package io.karipap.network.fit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ways to write a matrix dimension, or a slightly larger number, as a product. */
final class IntegerFactors {

  /** The most factorizations that are returned. */
  private static final int MAX_FACTORIZATIONS = 12;

  private IntegerFactors() {}

  /**
   * One way: decreasing factors whose product is at least the dimension.
   *
   * @param factors decreasing
   * @param badness how uneven the factors are, and how much padding they bring
   */
  record Product(List<Integer> factors, double badness) {}

  /**
   * Products of {@code count} factors for a dimension, padded by at most about a sixteenth; the
   * most even ones first.
   */
  static List<Product> of(int dimension, int count) {
    List<Product> found = new ArrayList<>();
    for (int padded = dimension; padded <= dimension + dimension / 16 + 2; padded++) {
      double padding = Math.log((double) padded / dimension);
      for (List<Integer> factors : decreasing(padded, count, padded)) {
        double spread = Math.log((double) factors.getFirst() / factors.getLast());
        found.add(new Product(factors, spread + 10 * padding));
      }
    }
    found.sort(Comparator.comparingDouble(Product::badness));
    return List.copyOf(found.subList(0, Math.min(MAX_FACTORIZATIONS, found.size())));
  }

  /** All decreasing factor lists of a product whose factors are at most {@code largest}. */
  private static List<List<Integer>> decreasing(int product, int count, int largest) {
    if (count == 1) {
      return product <= largest ? List.of(List.of(product)) : List.of();
    }
    List<List<Integer>> all = new ArrayList<>();
    // the first factor is the largest: at least the count-th root, and no more than 16 times that
    double root = Math.pow(product, 1.0 / count);
    int upper = (int) Math.min(largest, 16 * root);
    for (int first = (int) Math.ceil(root - 1e-9); first <= upper; first++) {
      if (product % first == 0) {
        for (List<Integer> rest : decreasing(product / first, count - 1, first)) {
          List<Integer> factors = new ArrayList<>(List.of(first));
          factors.addAll(rest);
          all.add(factors);
        }
      }
    }
    return all;
  }
}
