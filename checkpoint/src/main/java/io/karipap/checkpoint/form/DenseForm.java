package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;

/** The matrix itself, stored as {@code NAME.weight} [rows, columns]. */
public record DenseForm(int rows, int columns) implements QuantizableForm {

  static final String NAME = "dense";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public DenseForm {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a matrix has at least one row and column, not %d x %d".formatted(rows, columns));
    }
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    return Map.of();
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return List.of(StoredTensor.numbers(name + ".weight", rows, columns));
  }
}
