package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.tensor.Lbfgs.Evaluation;
import io.karipap.tensor.Lbfgs.Minimum;
import io.karipap.tensor.Lbfgs.Stop;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LbfgsTest {

  private static final Lbfgs PRECISE = new Lbfgs(10, 3000, 1e-11, 0, 1000);

  private TensorScope scope = new TensorScope();

  @BeforeEach
  void open() {
    scope.close();
    scope = new TensorScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Symmetric positive definite with condition number about 1e4. */
  private static Tensor stiff(int n) {
    Tensor q = Linalg.qr(new RandomTensors(5).normal(DType.F64, n, n)).q();
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.pow(10, 4.0 * i / (n - 1));
    }
    return q.mul(Tensor.of(values, n)).matmul(q.transpose());
  }

  /** Rosenbrock's valley in two dimensions, minimum 0 at (1, 1). */
  private static Evaluation rosenbrock(Tensor x) {
    double[] v = x.toDoubles();
    double a = 1 - v[0];
    double b = v[1] - v[0] * v[0];
    double[] gradient = {-2 * a - 400 * v[0] * b, 200 * b};
    return new Evaluation(a * a + 100 * b * b, Tensor.of(gradient, 2));
  }

  @Test
  void findsTheMinimumOfRosenbrocksValley() {
    Minimum minimum = PRECISE.minimise(LbfgsTest::rosenbrock, Tensor.of(new double[] {-1.2, 1}, 2));

    assertThat(minimum.x().toDoubles()).containsExactly(new double[] {1, 1}, within(1e-10));
    assertThat(minimum.stop()).isEqualTo(Stop.GRADIENT);
    assertThat(minimum.iterations()).isLessThan(60);
  }

  @Test
  void minimisesAConvexQuadraticToTheSolutionOfItsLinearSystem() {
    Tensor a = stiff(50);
    Tensor b = new RandomTensors(6).normal(DType.F64, 50, 1);
    Tensor expected = Linalg.solve(a, b).reshape(-1);
    // 1/2 (x - x*)^T a (x - x*): the value keeps its digits near 0, so the line search can tell
    // points apart
    Lbfgs.Objective distance =
        x -> {
          Tensor residual = x.sub(expected);
          Tensor gradient = a.matmul(x.reshape(-1, 1)).sub(b).reshape(-1);
          return new Evaluation(
              0.5 * residual.dot(a.matmul(residual.reshape(-1, 1)).reshape(-1)).item(), gradient);
        };

    Minimum minimum = PRECISE.minimise(distance, Tensor.zeros(DType.F64, 50));

    assertThat(minimum.x().sub(expected).norm().item()).isLessThan(1e-8 * expected.norm().item());
  }

  @Test
  void differentiatesByAutogradInsideTheObjective() {
    Tensor target = new RandomTensors(7).normal(DType.F64, 30);
    Minimum minimum =
        PRECISE.minimise(
            x -> {
              Tensor leaf = x.leaf();
              Tensor loss = leaf.sub(target).pow(4).sum();
              return new Evaluation(
                  loss.item(), Autograd.gradients(loss, List.of(leaf)).getFirst());
            },
            Tensor.zeros(DType.F64, 30));

    assertThat(minimum.x().sub(target).abs().max().item()).isLessThan(1e-3);
  }

  @Test
  void backsOffWhereTheObjectiveIsNotFinite() {
    // x - log x has its minimum at 1 and is not a number for x < 0
    Minimum minimum =
        PRECISE.minimise(
            x -> {
              double v = x.item();
              return new Evaluation(v - Math.log(v), Tensor.of(new double[] {1 - 1 / v}, 1));
            },
            Tensor.of(new double[] {0.001}, 1));

    assertThat(minimum.x().item()).isCloseTo(1, within(1e-9));
  }

  @Test
  void stopsAtTheIterationLimit() {
    Minimum minimum =
        new Lbfgs(10, 3, 0, 0, 10)
            .minimise(LbfgsTest::rosenbrock, Tensor.of(new double[] {-1.2, 1}, 2));

    assertThat(minimum.stop()).isEqualTo(Stop.ITERATIONS);
    assertThat(minimum.iterations()).isEqualTo(3);
  }

  @Test
  void stopsWhenTheValueNoLongerFalls() {
    Minimum minimum =
        new Lbfgs(10, 1000, 0, 1e-3, 5)
            .minimise(
                x -> {
                  Evaluation valley = rosenbrock(x);
                  return new Evaluation(1 + valley.value(), valley.gradient());
                },
                Tensor.of(new double[] {-1.2, 1}, 2));

    assertThat(minimum.stop()).isEqualTo(Stop.DECREASE);
  }

  @Test
  void reportsThatAWrongGradientLeadsNowhere() {
    Minimum minimum =
        PRECISE.minimise(
            x -> {
              Evaluation valley = rosenbrock(x);
              return new Evaluation(valley.value(), valley.gradient().neg());
            },
            Tensor.of(new double[] {-1.2, 1}, 2));

    assertThat(minimum.stop()).isEqualTo(Stop.LINE_SEARCH);
    assertThat(minimum.iterations()).isZero();
  }

  @Test
  void leavesTheStartAsItWas() {
    Tensor start = Tensor.of(new double[] {-1.2, 1}, 2);

    PRECISE.minimise(LbfgsTest::rosenbrock, start);

    assertThat(start.toDoubles()).containsExactly(-1.2, 1);
  }

  @Test
  void refusesAStartThatIsNoFloat64Vector() {
    assertThatThrownBy(() -> PRECISE.minimise(LbfgsTest::rosenbrock, Tensor.zeros(DType.F32, 2)))
        .hasMessageContaining("float64 vector");
  }
}
