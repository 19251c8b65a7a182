package io.karipap.model.train;

import io.karipap.checkpoint.codec.LogScales;
import io.karipap.network.CodedTensor;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Scales and shifts of a coded tensor as a function of dimensionless variables: s = s0 exp(t), m =
 * m0 + s0 u, with t and u zero at the start. A step of Adam then changes every scale by the same
 * ratio, and no scale changes its sign.
 *
 * <p>All are rounded to what they are stored in; the gradient of that rounding is 1.
 *
 * @param tensor with s0 and m0
 * @param start t of each kind of scales and, where there are shifts, u
 */
record GridTraining(CodedTensor tensor, List<Tensor> start) {

  /** Starts at a tensor's own scales and shifts. Must be called inside a tensor scope. */
  static GridTraining of(CodedTensor tensor) {
    return new GridTraining(tensor, tensor.variables().stream().map(Tensor::zerosLike).toList());
  }

  /** The tensor with other scales and shifts, differentiable by the variables. */
  CodedTensor at(List<Tensor> variables) {
    return switch (tensor) {
      case QuantizedTensor codes -> at(codes, variables);
      case ScaledIntegers integers ->
          integers.withVariables(
              List.of(
                  onGrid(integers.rows().mul(variables.getFirst().exp())),
                  onGrid(integers.columns().mul(variables.getLast().exp()))));
    };
  }

  private static QuantizedTensor at(QuantizedTensor codes, List<Tensor> variables) {
    List<Tensor> changed = new ArrayList<>();
    changed.add(stored(codes, codes.scales().mul(variables.getFirst().exp())));
    codes
        .shifts()
        .ifPresent(m -> changed.add(stored(codes, m.add(codes.scales().mul(variables.get(1))))));
    return codes.withVariables(changed);
  }

  private static Tensor stored(QuantizedTensor codes, Tensor values) {
    return through(values, values.detach().to(codes.storedScales()).to(values.dtype()));
  }

  /** Scales on the grid that {@link LogScales} finds for them. */
  private static Tensor onGrid(Tensor values) {
    double[] rounded = LogScales.of(values.detach().to(DType.F64).toDoubles()).values();
    return through(values, Tensor.of(rounded, values.shape()).to(values.dtype()));
  }

  /** What a tensor is rounded to, with the derivative of what it was. */
  private static Tensor through(Tensor values, Tensor rounded) {
    return values.sub(values.detach()).add(rounded);
  }

  /** Codes with all their scales and shifts replaced. */
  static Quantized replaced(Quantized codes, List<GridTraining> grids, List<Tensor> variables) {
    List<CodedTensor> changed = new ArrayList<>();
    int at = 0;
    for (GridTraining grid : grids) {
      int count = grid.start().size();
      changed.add(grid.at(variables.subList(at, at + count)));
      at += count;
    }
    return new Quantized(codes.structure(), codes.rows(), codes.columns(), changed);
  }
}
