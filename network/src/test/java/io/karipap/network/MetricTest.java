package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MetricTest extends NetworkTest {

  @Test
  void measuresTheErrorOfTheOutputsOnTheActivations() {
    Tensor x = activations(200, 12, 1);
    Tensor w = normal(3, 8, 12);
    Tensor v = normal(4, 8, 12);
    double expected =
        x.matmul(w.sub(v).transpose()).norm().item() / x.matmul(w.transpose()).norm().item();

    Metric metric = Metric.of(covariance(x));

    assertThat(metric.error(w, v)).isCloseTo(expected, within(1e-6 * expected));
    assertThat(metric.squaredError(w, v)).isCloseTo(expected * expected, within(1e-6));
  }

  @Test
  void hasARootEvenWhereInputsAreDead() {
    Tensor x = activations(7, 12, 1); // 7 tokens cannot span 12 dimensions
    Tensor c = covariance(x);

    Metric metric = Metric.of(c);

    assertThat(metric.root().shape()).containsExactly(12, 7);
    assertThat(distance(metric.root().matmul(metric.root().transpose()), c)).isLessThan(1e-12);
    Tensor one = metric.inverseRoot().matmul(metric.root());
    assertThat(one.sub(Tensor.eye(DType.F64, 7)).norm().item()).isLessThan(1e-5);
  }

  @Test
  void hasASymmetricRootToo() {
    Tensor c = covariance(activations(7, 12, 1));

    Tensor root = Metric.of(c).symmetricRoot();

    assertThat(distance(root, root.transpose())).isLessThan(1e-13);
    assertThat(distance(root.matmul(root), c)).isLessThan(1e-12);
    assertThat(io.karipap.tensor.Linalg.eigh(root).values().toDoubles()[0]).isGreaterThan(-1e-12);
  }

  @Test
  void isTheFrobeniusNormForUncorrelatedInputs() {
    Tensor w = normal(3, 8, 12);
    Tensor v = normal(4, 8, 12);

    assertThat(Metric.identity(12).error(w, v)).isCloseTo(distance(v, w), within(1e-13));
  }

  @Test
  void refusesWhatIsNoCovariance() {
    assertThatThrownBy(() -> Metric.of(normal(1, 3, 4))).hasMessageContaining("square");
    assertThatThrownBy(() -> Metric.of(Tensor.eye(DType.F64, 3).neg()))
        .hasMessageContaining("positive semidefinite");
    assertThatThrownBy(() -> Metric.of(Tensor.full(Double.NaN, DType.F64, 2, 2)))
        .hasMessageContaining("not finite");
    assertThatThrownBy(
            () -> Metric.identity(3).squaredError(Tensor.zeros(DType.F64, 2, 3), normal(1, 2, 3)))
        .hasMessageContaining("always zero");
  }
}
