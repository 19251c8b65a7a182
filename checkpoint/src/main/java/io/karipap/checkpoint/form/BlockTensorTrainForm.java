package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;

/**
 * A block tensor train of two cores, {@code NAME.core.0} and {@code NAME.core.1}.
 *
 * @param shape all dimensions
 */
public record BlockTensorTrainForm(BlockShape shape) implements QuantizableForm {

  static final String NAME = "btt";
  private static final String OUTPUTS = "outputs";
  private static final String INPUTS = "inputs";
  private static final String RANK = "rank";

  static BlockTensorTrainForm parse(int rows, int columns, FormIntegers integers) {
    List<Integer> outputs = integers.list(OUTPUTS, 2);
    List<Integer> inputs = integers.list(INPUTS, 2);
    FormIntegers.requireLittlePadding(outputs, inputs, rows, columns);
    return new BlockTensorTrainForm(
        new BlockShape(
            outputs.get(0),
            outputs.get(1),
            inputs.get(0),
            inputs.get(1),
            integers.one(RANK),
            rows,
            columns));
  }

  @Override
  public int rows() {
    return shape.matrixRows();
  }

  @Override
  public int columns() {
    return shape.matrixColumns();
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    return Map.of(
        OUTPUTS, List.of(shape.outerOutputs(), shape.innerOutputs()),
        INPUTS, List.of(shape.outerInputs(), shape.innerInputs()),
        RANK, List.of(shape.rank()));
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return List.of(
        StoredTensor.numbers(name + ".core.0", shape.left()),
        StoredTensor.numbers(name + ".core.1", shape.right()));
  }
}
