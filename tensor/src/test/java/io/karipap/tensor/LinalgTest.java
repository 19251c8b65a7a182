package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Factorizations against their definitions. */
class LinalgTest {

  private static final double EXACT = 1e-12;

  private static double distance(Tensor a, Tensor b) {
    assertThat(a.shape()).isEqualTo(b.shape());
    return a.sub(b).to(DType.F64).norm().item();
  }

  private static Tensor eye(long n) {
    return Tensor.eye(DType.F64, n);
  }

  @ParameterizedTest
  @CsvSource({"7,4,F64,1e-12", "4,7,F64,1e-12", "5,5,F32,1e-5", "1,3,F64,1e-12"})
  void svdIsThinOrthogonalAndDecreasing(int m, int n, DType type, double tolerance) {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(3).normal(type, m, n);
      var svd = Linalg.svd(a);
      int k = Math.min(m, n);
      assertThat(svd.u().shape()).containsExactly(m, k);
      assertThat(svd.s().shape()).containsExactly(k);
      assertThat(svd.vh().shape()).containsExactly(k, n);
      Tensor identity = Tensor.eye(type, k);
      assertThat(distance(svd.u().transpose().matmul(svd.u()), identity)).isLessThan(tolerance);
      assertThat(distance(svd.vh().matmul(svd.vh().transpose()), identity)).isLessThan(tolerance);
      assertThat(distance(svd.u().mul(svd.s()).matmul(svd.vh()), a)).isLessThan(10 * tolerance);
      double[] s = svd.s().toDoubles();
      for (int i = 1; i < k; i++) {
        assertThat(s[i]).isBetween(0.0, s[i - 1]);
      }
    }
  }

  @Test
  void singularValuesOfAKnownMatrix() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.of(new double[] {3, 0, 4, 5}, 2, 2);
      double[] s = Linalg.singularValues(a).toDoubles();
      assertThat(s[0]).isCloseTo(Math.sqrt(45), within(EXACT));
      assertThat(s[1]).isCloseTo(Math.sqrt(5), within(EXACT));
      assertThat(distance(Linalg.svd(a).s(), Linalg.singularValues(a))).isLessThan(EXACT);
    }
  }

  @Test
  void leadingDimensionsAreABatch() {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(4).normal(DType.F64, 2, 4, 3);
      var batch = Linalg.svd(a);
      for (int i = 0; i < 2; i++) {
        assertThat(distance(batch.s().select(0, i), Linalg.singularValues(a.select(0, i))))
            .isLessThan(EXACT);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"6,4", "4,6", "3,3"})
  void qrIsOrthogonalTimesUpperTriangular(int m, int n) {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(5).normal(DType.F64, m, n);
      var qr = Linalg.qr(a);
      int k = Math.min(m, n);
      assertThat(qr.q().shape()).containsExactly(m, k);
      assertThat(distance(qr.q().transpose().matmul(qr.q()), eye(k))).isLessThan(EXACT);
      assertThat(distance(qr.q().matmul(qr.r()), a)).isLessThan(EXACT);
      double[] r = qr.r().toDoubles();
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < i; j++) {
          assertThat(r[i * n + j]).isZero();
        }
      }
    }
  }

  @Test
  void eighDiagonalizesWithIncreasingValues() {
    try (var _ = new TensorScope()) {
      // the path graph's Laplacian on 4 nodes: eigenvalues 2 - 2 cos(pi k / 4)
      Tensor a =
          Tensor.of(new double[] {1, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 1}, 4, 4);
      var eigh = Linalg.eigh(a);
      double[] w = eigh.values().toDoubles();
      for (int k = 0; k < 4; k++) {
        assertThat(w[k]).isCloseTo(2 - 2 * Math.cos(Math.PI * k / 4), within(EXACT));
      }
      Tensor v = eigh.vectors();
      assertThat(distance(v.transpose().matmul(v), eye(4))).isLessThan(EXACT);
      assertThat(distance(a.matmul(v), v.mul(eigh.values()))).isLessThan(EXACT);
    }
  }

  @Test
  void eighReadsTheLowerTriangleOnly() {
    try (var _ = new TensorScope()) {
      Tensor upperIgnored = Tensor.of(new double[] {2, 777, 1, 2}, 2, 2);
      assertThat(Linalg.eigh(upperIgnored).values().toDoubles())
          .containsExactly(new double[] {1, 3}, within(EXACT));
    }
  }

  @Test
  void choleskyFactorOfAKnownMatrix() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.of(new double[] {4, 12, -16, 12, 37, -43, -16, -43, 98}, 3, 3);
      assertThat(Linalg.cholesky(a).toDoubles()).containsExactly(2, 0, 0, 6, 1, 0, -8, 5, 3);
    }
  }

  @Test
  void choleskyRefusesAnIndefiniteMatrix() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.of(new double[] {1, 2, 2, 1}, 2, 2);
      assertThatThrownBy(() -> Linalg.cholesky(a))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cholesky of [2, 2] F64")
          .hasMessageContaining("positive-definite");
    }
  }

  @Test
  void solversSolve() {
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(6);
      Tensor square = random.normal(DType.F64, 5, 5);
      Tensor b = random.normal(DType.F64, 5, 2);
      assertThat(distance(square.matmul(Linalg.solve(square, b)), b)).isLessThan(EXACT);

      Tensor positive = square.matmul(square.transpose()).add(eye(5));
      Tensor lower = Linalg.cholesky(positive);
      assertThat(distance(positive.matmul(Linalg.choleskySolve(b, lower)), b)).isLessThan(EXACT);
      assertThat(distance(lower.matmul(Linalg.solveTriangular(lower, b, false)), b))
          .isLessThan(EXACT);
      Tensor upper = lower.transpose();
      assertThat(distance(upper.matmul(Linalg.solveTriangular(upper, b, true)), b))
          .isLessThan(EXACT);
    }
  }

  @Test
  void aSingularSystemIsRefused() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.of(new double[] {1, 2, 2, 4}, 2, 2);
      assertThatThrownBy(() -> Linalg.solve(a, Tensor.of(new double[] {1, 1}, 2, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("solve of [2, 2] F64 and [2, 1] F64")
          .hasMessageContaining("singular");
    }
  }

  @Test
  void leastSquaresLeavesAnOrthogonalResidual() {
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(8);
      Tensor a = random.normal(DType.F64, 9, 3);
      Tensor b = random.normal(DType.F64, 9, 2);
      Tensor residual = b.sub(a.matmul(Linalg.leastSquares(a, b)));
      assertThat(a.transpose().matmul(residual).norm().item()).isLessThan(EXACT);
      assertThat(residual.norm().item()).isGreaterThan(0.1);
    }
  }

  @Test
  void aLineThroughPointsIsFitted() {
    try (var _ = new TensorScope()) {
      // y = 1, 3, 2 at x = 0, 1, 2: slope 1/2, intercept 3/2
      Tensor a = Tensor.of(new double[] {1, 0, 1, 1, 1, 2}, 3, 2);
      double[] fit = Linalg.leastSquares(a, Tensor.of(new double[] {1, 3, 2}, 3, 1)).toDoubles();
      assertThat(fit).containsExactly(new double[] {1.5, 0.5}, within(EXACT));
    }
  }

  @Test
  void numbersThatAreNotFiniteDoNotHang() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.full(Double.NaN, DType.F64, 4, 4);
      assertThatThrownBy(() -> Linalg.svd(a)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Linalg.eigh(a)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void halfPrecisionIsRefused() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.eye(DType.BF16, 3);
      assertThatThrownBy(() -> Linalg.svd(a))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("svd of [3, 3] BF16");
    }
  }
}
