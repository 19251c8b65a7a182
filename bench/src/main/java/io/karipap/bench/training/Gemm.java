package io.karipap.bench.training;

import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;

/**
 * A product of matrices X [m, k] W^T [k, n].
 *
 * @param m rows of X
 * @param k inner dimension
 * @param n rows of W
 */
public record Gemm(int m, int k, int n) {

  private static final int RUNS = 12;

  /** Floating-point operations of one product. */
  public double operations() {
    return 2.0 * m * k * n;
  }

  /** Best time of some products, in seconds. */
  public double seconds(DType type) {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(1);
      Tensor x = random.normal(DType.F32, m, k).to(type);
      Tensor w = random.normal(DType.F32, n, k).to(type);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        try (var _ = new TensorScope()) {
          var _ = x.matmul(w.transpose());
        }
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      return best;
    }
  }
}
