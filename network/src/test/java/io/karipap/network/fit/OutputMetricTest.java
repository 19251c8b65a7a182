package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.fit.site.AlternatingLeastSquares;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputMetricTest extends NetworkTest {

  private static final int M = 5;
  private static final int N = 4;

  private static Metric metric(int m, int n) {
    return Metric.of(covariance(activations(100, n, 1)))
        .withOutput(covariance(activations(100, m, 11)));
  }

  @Test
  void isTheQuadraticFormOfTheKroneckerProduct() {
    Metric metric = metric(M, N);
    Tensor a = normal(3, M, N);
    Tensor g = metric.output().orElseThrow().matrix();
    // row-major vec(A): the form's matrix is G (x) C
    Tensor kronecker =
        Tensor.einsum("ab,ij->aibj", g, metric.covariance()).reshape((long) M * N, (long) M * N);
    Tensor vec = a.reshape(-1);
    double expected = vec.dot(kronecker.matmul(vec)).item();

    assertThat(metric.energy(a)).isCloseTo(expected, within(1e-10 * expected));
    assertThat(distance(metric.weigh(a).reshape(-1), kronecker.matmul(vec))).isLessThan(1e-12);
  }

  @Test
  void addsAHundredthOfTheMeanEigenvalueSoThatNoOutputIsFree() {
    Tensor seen = normal(7, 3, M); // three gradients in five dimensions
    Tensor g = covariance(seen);

    Metric metric = Metric.identity(N).withOutput(g);

    double ridge = 0.01 * g.diagonal().mean().item();
    Tensor expected = g.add(Tensor.eye(DType.F64, M).mul(ridge));
    Metric.Output output = metric.output().orElseThrow();
    assertThat(distance(output.matrix(), expected)).isLessThan(1e-14);
    assertThat(distance(output.root().matmul(output.root().transpose()), expected))
        .isLessThan(1e-12);
    assertThat(distance(output.inverseRoot().matmul(output.root()), Tensor.eye(DType.F64, M)))
        .isLessThan(1e-8);
  }

  @Test
  void isNoDifferentFromNoneWhenAllOutputsWeighTheSame() {
    Metric inputs = Metric.of(covariance(activations(100, N, 1)));
    Metric both = inputs.withOutput(Tensor.eye(DType.F64, M));
    Tensor w = normal(3, M, N);
    Tensor v = normal(4, M, N);

    assertThat(both.squaredError(w, v)).isCloseTo(inputs.squaredError(w, v), within(1e-12));
    assertThat(
            distance(
                LowRankFit.fit(w, both, 2).factorization().matrix(),
                LowRankFit.fit(w, inputs, 2).factorization().matrix()))
        .isLessThan(1e-10);
  }

  @Test
  void hasALowRankOptimumThatIsTheDiscardedSpectrumAndThatNoPairNearbyBeats() {
    Tensor w = normal(3, 16, 20);
    Metric metric = metric(16, 20);
    double[] s = Linalg.singularValues(metric.whiten(w)).square().toDoubles();
    double expected = Arrays.stream(s).skip(5).sum() / Arrays.stream(s).sum();

    var fitted = LowRankFit.fit(w, metric, 5);

    assertThat(fitted.squaredError()).isCloseTo(expected, within(1e-10));
    LowRank best = (LowRank) fitted.factorization();
    for (int k = 0; k < 20; k++) {
      Tensor left = best.left().add(normal(100 + k, 16, 5).mul(1e-3));
      Tensor right = best.right().add(normal(200 + k, 5, 20).mul(1e-3));
      assertThat(metric.squaredError(w, left.matmul(right))).isGreaterThan(fitted.squaredError());
    }
    double inputsOnly =
        metric.squaredError(
            w, LowRankFit.fit(w, Metric.of(metric.covariance()), 5).factorization().matrix());
    assertThat(fitted.squaredError()).isLessThan(inputsOnly);
  }

  @Test
  void startsWithTheOptimumWhereTheMetricIsAProductOverTwoSites() {
    Lattice pair = lattice(1, 2, List.of(4, 3), List.of(3, 5), List.of(4), List.of());
    Tensor w = normal(5, 12, 15);
    Tensor[] sides = {
      covariance(normal(21, 50, 4)),
      covariance(normal(22, 50, 3)),
      covariance(normal(23, 50, 3)),
      covariance(normal(24, 50, 5))
    };
    Tensor g = Tensor.einsum("ab,ij->aibj", sides[0], sides[1]).reshape(12, 12);
    Tensor c = Tensor.einsum("ab,ij->aibj", sides[2], sides[3]).reshape(15, 15);
    Metric metric = Metric.of(c).withOutput(g);

    double start = metric.squaredError(w, HierarchicalSvd.start(w, metric, pair).matrix());
    double end =
        PepoFit.fit(w, metric, pair, new FitOptions(500, 1e-9, 1e-12, 0, 1)).squaredError();

    // the two ridges, a hundredth and a thousandth, are all that keeps the start from the optimum
    assertThat(end).isLessThanOrEqualTo(start);
    assertThat(start).isLessThan(1.02 * end);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor w = normal(3, 36, 24);
    assertThatThrownBy(() -> LowRankFit.fit(w, metric(35, 24), 3)).hasMessageContaining("36 x 36");
    assertThatThrownBy(() -> Metric.identity(3).withOutput(Tensor.zeros(DType.F64, 2, 2)))
        .hasMessageContaining("second moment");
    assertThatThrownBy(
            () -> AlternatingLeastSquares.fit(w, metric(36, 24), ring(), FitOptions.standard()))
        .hasMessageContaining("L-BFGS");
  }
}
