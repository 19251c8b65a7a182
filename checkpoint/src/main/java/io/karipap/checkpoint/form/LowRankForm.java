package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;

/**
 * A product of {@code NAME.core.0} [rows, rank] and {@code NAME.core.1} [rank, columns].
 *
 * @param rank inner dimension
 */
public record LowRankForm(int rows, int columns, int rank) implements QuantizableForm {

  static final String NAME = "lowrank";
  static final String RANK = "rank";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public LowRankForm {
    if (rows < 1 || columns < 1 || rank < 1) {
      throw new IllegalArgumentException(
          "a product of rank %d cannot be %d x %d".formatted(rank, rows, columns));
    }
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    return Map.of(RANK, List.of(rank));
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return List.of(
        StoredTensor.numbers(name + ".core.0", rows, rank),
        StoredTensor.numbers(name + ".core.1", rank, columns));
  }
}
