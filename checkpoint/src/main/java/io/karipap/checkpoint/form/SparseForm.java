package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;

/**
 * A matrix of which only some elements are not zero: {@code NAME.mask}, one bit an element,
 * row-major, the first in the lowest bit of the first byte, and {@code NAME.values} of the set
 * bits.
 *
 * @param count elements whose bit is set
 */
public record SparseForm(int rows, int columns, int count) implements FormSpec {

  static final String NAME = "sparse";
  static final String COUNT = "count";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the matrix has no elements, more than 2^31 - 1, or fewer
   *     than the count
   */
  public SparseForm {
    long elements = (long) rows * columns;
    if (rows < 1 || columns < 1 || elements > Integer.MAX_VALUE || count < 0 || count > elements) {
      throw new IllegalArgumentException(
          "a sparse matrix of %d x %d cannot have %d elements".formatted(rows, columns, count));
    }
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    return Map.of(COUNT, List.of(count));
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return List.of(
        StoredTensor.bitmap(name + ".mask", (long) rows * columns),
        StoredTensor.numbers(name + ".values", count));
  }
}
