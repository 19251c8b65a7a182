package io.karipap.network.fit;

import io.karipap.network.Metric;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * f = tr(G (V - W) C (V - W)^T) / tr(G W C W^T) for a matrix V that is a differentiable function of
 * the variables.
 *
 * <p>With D = V - W the derivative by V is 2 G D C / tr(G W C W^T), one product that the value
 * needs as well, so automatic differentiation is left with V alone. Taking the difference first
 * keeps the digits that f near zero needs.
 */
public final class MetricLoss {

  private final Tensor w;
  private final Metric metric;
  private final double energy;

  /**
   * The loss of one matrix.
   *
   * @param type element type of the products; the difference is taken first, so that F32 costs
   *     digits of the loss only below about 1e-12
   */
  public MetricLoss(Tensor w, Metric metric, DType type) {
    this.w = w.detach().to(type);
    this.metric = metric.to(type);
    energy = metric.energy(w);
  }

  /** Value and gradient by the variables, a leaf that v was computed from. */
  public Lbfgs.Evaluation evaluate(Tensor v, Tensor variables) {
    Tensor difference = v.detach().sub(w);
    Tensor weighted = metric.weigh(difference).mul(1 / energy);
    double value = difference.mul(weighted).to(DType.F64).sum().item();
    Tensor half = Autograd.gradients(v.mul(weighted).sum(), List.of(variables)).getFirst();
    return new Lbfgs.Evaluation(value, half.mul(2));
  }
}
