package io.karipap.network;

import io.karipap.checkpoint.form.DenseForm;
import io.karipap.checkpoint.form.LowRankForm;
import io.karipap.checkpoint.form.QuantizableForm;
import io.karipap.checkpoint.form.QuantizedForm;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A factorization whose cores are coded in few bits. Its variables, {@link #cores}, are the scales
 * of the codes (and shifts), so that training it is training of scales alone (PEQA, Kim et al.
 * 2023).
 *
 * @param structure a factorization of the same form and shapes; its numbers are not used
 * @param rows output dimension
 * @param columns input dimension
 * @param tensors the structure's cores
 */
public record Quantized(
    Factorization structure, int rows, int columns, List<QuantizedTensor> tensors)
    implements Factorization {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the structure shares its cores or has none that can be
   *     coded, or the tensors are none, or of different formats
   */
  public Quantized {
    tensors = List.copyOf(tensors);
    if (tensors.stream().map(QuantizedTensor::format).distinct().count() != 1) {
      throw new IllegalArgumentException("the cores of a network are coded in one format");
    }
    switch (structure) {
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _ -> {}
      case UnitCell _ ->
          throw new IllegalArgumentException("a cell cannot be coded: its tensors are shared");
      case Quantized _, Sum _, Sparse _ ->
          throw new IllegalArgumentException("only numbers can be coded, these are coded already");
    }
  }

  /** A factorization with its cores coded. */
  public static Quantized of(Factorization structure, List<QuantizedTensor> tensors) {
    return new Quantized(structure, structure.rows(), structure.columns(), tensors);
  }

  @Override
  public QuantizedForm form() {
    return new QuantizedForm(
        structureForm(),
        tensors.getFirst().format(),
        tensors.stream().map(QuantizedTensor::groups).toList());
  }

  /** Does not read the structure's tensors, which may have been released. */
  private QuantizableForm structureForm() {
    return switch (structure) {
      case Dense _ -> new DenseForm(rows, columns);
      case LowRank _ -> {
        long rank = tensors.getFirst().groups().shape().getLast();
        yield new LowRankForm(rows, columns, Math.toIntExact(rank));
      }
      case BlockTensorTrain train -> train.form();
      case Pepo pepo -> pepo.form();
      case UnitCell _, Quantized _, Sum _, Sparse _ ->
          throw new IllegalStateException("refused by the constructor");
    };
  }

  @Override
  public List<Tensor> cores() {
    return tensors.stream().flatMap(tensor -> tensor.variables().stream()).toList();
  }

  @Override
  public Quantized withCores(List<Tensor> cores) {
    List<QuantizedTensor> changed = new ArrayList<>();
    int at = 0;
    for (QuantizedTensor tensor : tensors) {
      int count = tensor.variables().size();
      changed.add(tensor.withVariables(cores.subList(at, at + count)));
      at += count;
    }
    return new Quantized(structure, rows, columns, changed);
  }

  @Override
  public List<QuantizedTensor> codes() {
    return tensors;
  }

  /** The factorization with the numbers that the codes stand for; differentiable. */
  public Factorization dequantized() {
    return structure.withCores(tensors.stream().map(QuantizedTensor::values).toList());
  }

  @Override
  public Tensor matrix() {
    return dequantized().matrix();
  }

  @Override
  public Tensor apply(Tensor x) {
    return dequantized().apply(x);
  }

  @Override
  public long multiplications() {
    return dequantized().multiplications();
  }

  @Override
  public long parameters() {
    return tensors.stream().mapToLong(QuantizedTensor::parameters).sum();
  }
}
