package io.karipap.network;

import io.karipap.checkpoint.form.DenseForm;
import io.karipap.checkpoint.form.EntropyCodedForm;
import io.karipap.checkpoint.form.FormSpec;
import io.karipap.checkpoint.form.LowRankForm;
import io.karipap.checkpoint.form.NumberFormat;
import io.karipap.checkpoint.form.QuantizableForm;
import io.karipap.checkpoint.form.QuantizedForm;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
public record Quantized(Factorization structure, int rows, int columns, List<CodedTensor> tensors)
    implements Factorization {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the structure shares its cores or has none that can be
   *     coded, or the tensors are none, or of different formats
   */
  public Quantized {
    tensors = List.copyOf(tensors);
    if (tensors.stream().map(Quantized::format).distinct().count() != 1) {
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
  public static Quantized of(Factorization structure, List<? extends CodedTensor> tensors) {
    return new Quantized(
        structure, structure.rows(), structure.columns(), List.<CodedTensor>copyOf(tensors));
  }

  private static Optional<NumberFormat> format(CodedTensor tensor) {
    return switch (tensor) {
      case QuantizedTensor codes -> Optional.of(codes.format());
      case ScaledIntegers _ -> Optional.empty();
    };
  }

  @Override
  public FormSpec form() {
    return switch (tensors.getFirst()) {
      case QuantizedTensor codes ->
          new QuantizedForm(
              structureForm(),
              codes.format(),
              scalarCodes().stream().map(QuantizedTensor::groups).toList());
      case ScaledIntegers _ ->
          new EntropyCodedForm(
              structureForm(),
              tensors.stream()
                  .map(ScaledIntegers.class::cast)
                  .map(integers -> integers.stream().length)
                  .toList());
    };
  }

  /** Whether each number was rounded for itself, so that it can be trained through the rounding. */
  public boolean areIndependent() {
    return tensors.stream().allMatch(CodedTensor::isIndependent);
  }

  /**
   * The tensors, if their numbers are coded in groups and not all together.
   *
   * @throws ClassCastException otherwise
   */
  public List<QuantizedTensor> scalarCodes() {
    return tensors.stream().map(QuantizedTensor.class::cast).toList();
  }

  /** Does not read the structure's tensors, which may have been released. */
  private QuantizableForm structureForm() {
    return switch (structure) {
      case Dense _ -> new DenseForm(rows, columns);
      case LowRank _ -> {
        long rank = tensors.getFirst().shape().getLast();
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
    List<CodedTensor> changed = new ArrayList<>();
    int at = 0;
    for (CodedTensor tensor : tensors) {
      int count = tensor.variables().size();
      changed.add(tensor.withVariables(cores.subList(at, at + count)));
      at += count;
    }
    return new Quantized(structure, rows, columns, changed);
  }

  @Override
  public List<CodedTensor> codes() {
    return tensors;
  }

  /** The factorization with the numbers that the codes stand for; differentiable. */
  public Factorization dequantized() {
    return structure.withCores(tensors.stream().map(CodedTensor::values).toList());
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
    return tensors.stream().mapToLong(CodedTensor::parameters).sum();
  }
}
