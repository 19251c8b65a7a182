package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The integers that a manifest says of a matrix's form, by name. */
record FormIntegers(Map<String, List<Integer>> values) {

  /**
   * The single integer of a name.
   *
   * @throws IllegalArgumentException if there are none or several
   */
  int one(String key) {
    return list(key, 1).getFirst();
  }

  /**
   * The integers of a name.
   *
   * @throws IllegalArgumentException if they are not as many
   */
  List<Integer> list(String key, int count) {
    List<Integer> found = values.getOrDefault(key, List.of());
    if (found.size() != count) {
      throw new IllegalArgumentException(
          "'" + key + "' needs " + count + " integers, but has " + found);
    }
    return found;
  }

  /** Those whose names begin with a prefix, without it. */
  FormIntegers under(String prefix) {
    Map<String, List<Integer>> own = new TreeMap<>();
    values.forEach((key, list) -> {
      if (key.startsWith(prefix)) {
        own.put(key.substring(prefix.length()), list);
      }
    });
    return new FormIntegers(own);
  }

  /**
   * A file must not ask for a matrix that memory cannot hold: fits pad by a few rows and columns.
   *
   * @throws IllegalArgumentException if the products are much larger than the matrix
   */
  static void requireLittlePadding(
      List<Integer> outputs, List<Integer> inputs, int rows, int columns) {
    if (product(outputs) > 2L * rows + 16 || product(inputs) > 2L * columns + 16) {
      throw new IllegalArgumentException(
          "outputs %s and inputs %s are mostly padding for %d x %d"
              .formatted(outputs, inputs, rows, columns));
    }
  }

  private static long product(List<Integer> sizes) {
    return sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
