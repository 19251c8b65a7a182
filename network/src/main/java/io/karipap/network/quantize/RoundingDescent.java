package io.karipap.network.quantize;

import io.karipap.network.Metric;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Optional;

/**
 * Coordinate descent over roundings: a code moves to a neighbour where that lowers the error, until
 * none does. The grids do not change. For f = tr(A (Q-T) C (Q-T)^T) and H = A (Q-T) C, half its
 * gradient, a change d of the element (i, j) changes f by {@code 2 d H_ij + d^2 A_ii C_jj}, so that
 * no step raises it.
 */
public final class RoundingDescent {

  /** Passes over the matrix at most. */
  private static final int MAX_PASSES = 20;

  private RoundingDescent() {}

  /**
   * Improves the rounding of one matrix in its metric.
   *
   * @param w the matrix [m, n]
   * @param start its rounding
   */
  public static QuantizedTensor refine(QuantizedTensor start, Tensor w, Metric metric) {
    Tensor half = wide(start).sub(w.to(DType.F64)).matmul(metric.covariance());
    return refine(start, half, Optional.empty(), metric.covariance());
  }

  /**
   * Improves a rounding by f.
   *
   * @param half H [m, n], at the start; it is changed
   * @param a A [m, m]; the identity if empty
   * @param c C [n, n]
   */
  static QuantizedTensor refine(QuantizedTensor start, Tensor half, Optional<Tensor> a, Tensor c) {
    CodeEditor codes = new CodeEditor(start);
    int n = c.size(0);
    double[] metric = c.toDoubles();
    boolean moved = true;
    for (int pass = 0; moved && pass < MAX_PASSES; pass++) {
      moved = false;
      for (int row = 0; row < half.size(0); row++) {
        try (var _ = new TensorScope()) {
          Tensor h = half.narrow(0, row, 1);
          double weight = a.isPresent() ? a.get().select(0, row).select(0, row).item() : 1;
          double[] slopes = h.toDoubles();
          double[] changes = descend(codes, row, slopes, weight, metric);
          if (changes.length == 0) {
            continue;
          }
          moved = true;
          if (a.isPresent()) {
            Tensor change = Tensor.of(changes, 1, n).matmul(c);
            half.addInPlace(a.get().narrow(1, row, 1).matmul(change), 1);
          } else {
            h.copyFrom(Tensor.of(slopes, 1, n));
          }
        }
      }
    }
    return codes.tensor();
  }

  /** One pass over a row; returns the changes of its elements, empty if there are none. */
  private static double[] descend(
      CodeEditor codes, int row, double[] slopes, double weight, double[] metric) {
    int n = slopes.length;
    double[] changes = new double[n];
    boolean moved = false;
    for (int j = 0; j < n; j++) {
      GroupQuantizer grid = codes.grid(row, j);
      int code = codes.code(row, j);
      double curvature = weight * metric[j * n + j];
      // towards lower error first: the other neighbour can only raise a convex function
      int next = code + (slopes[j] > 0 ? -1 : 1);
      if (next < 0 || next >= codes.levels()) {
        continue;
      }
      double d = grid.value(next) - grid.value(code);
      double gain = -(2 * d * slopes[j] + d * d * curvature);
      if (gain > 1e-10 * d * d * curvature) {
        codes.set(row, j, next);
        changes[j] = d;
        moved = true;
        for (int k = 0; k < n; k++) {
          slopes[k] += weight * d * metric[j * n + k];
        }
      }
    }
    return moved ? changes : new double[0];
  }

  static Tensor wide(QuantizedTensor tensor) {
    return tensor.values().detach().to(DType.F64);
  }
}
