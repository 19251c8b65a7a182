package io.karipap.model.train;

import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Scales and shifts of a quantized tensor as a function of dimensionless variables: s = s0 exp(t),
 * m = m0 + s0 u, with t and u zero at the start. A step of Adam then changes every scale by the
 * same ratio, and no scale changes its sign.
 *
 * <p>Both are rounded to the type that they are stored in; the gradient of that rounding is 1.
 *
 * @param tensor with s0 and m0
 * @param start t and, where there are shifts, u, each [rows, groups]
 */
record GridTraining(QuantizedTensor tensor, List<Tensor> start) {

  /** Starts at a tensor's own scales and shifts. Must be called inside a tensor scope. */
  static GridTraining of(QuantizedTensor tensor) {
    return new GridTraining(tensor, tensor.variables().stream().map(Tensor::zerosLike).toList());
  }

  /** The tensor with other scales and shifts, differentiable by the variables. */
  QuantizedTensor at(List<Tensor> variables) {
    List<Tensor> changed = new ArrayList<>();
    changed.add(stored(tensor.scales().mul(variables.getFirst().exp())));
    tensor
        .shifts()
        .ifPresent(m -> changed.add(stored(m.add(tensor.scales().mul(variables.get(1))))));
    return tensor.withVariables(changed);
  }

  private Tensor stored(Tensor values) {
    Tensor rounded = values.detach().to(tensor.storedScales()).to(values.dtype());
    return values.sub(values.detach()).add(rounded);
  }

  /** Codes with all their scales and shifts replaced. */
  static Quantized replaced(Quantized codes, List<GridTraining> grids, List<Tensor> variables) {
    List<QuantizedTensor> changed = new ArrayList<>();
    int at = 0;
    for (GridTraining grid : grids) {
      int count = grid.start().size();
      changed.add(grid.at(variables.subList(at, at + count)));
      at += count;
    }
    return new Quantized(codes.structure(), codes.rows(), codes.columns(), changed);
  }
}
