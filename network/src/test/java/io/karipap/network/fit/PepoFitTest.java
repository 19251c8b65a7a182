package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PepoFitTest extends NetworkTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasTheGradientOfFiniteDifferences(boolean outputs) {
    Lattice lattice = paddedRing();
    Metric inputs = Metric.of(covariance(activations(100, 19, 1)));
    Metric metric = outputs ? inputs.withOutput(covariance(activations(50, 29, 2))) : inputs;
    PepoObjective objective = new PepoObjective(normal(3, 29, 19), metric, lattice, DType.F64);
    Tensor x = PepoObjective.variables(random(lattice, 4));
    double[] gradient = objective.evaluate(x).gradient().toDoubles();
    double[] at = x.toDoubles();
    for (int k = 0; k < at.length; k += 7) {
      double step = 1e-5;
      double[] up = at.clone();
      double[] down = at.clone();
      up[k] += step;
      down[k] -= step;
      double slope =
          (objective.evaluate(Tensor.of(up, at.length)).value()
                  - objective.evaluate(Tensor.of(down, at.length)).value())
              / (2 * step);
      assertThat(gradient[k]).isCloseTo(slope, within(1e-6 * (1 + Math.abs(slope))));
    }
  }

  @Test
  void evaluatesToTheMetricsError() {
    Lattice lattice = paddedRing();
    Tensor w = normal(3, 29, 19);
    Metric metric = Metric.of(covariance(activations(100, 19, 1)));
    Pepo pepo = random(lattice, 4);

    Lbfgs.Evaluation evaluation =
        new PepoObjective(w, metric, lattice, DType.F64).evaluate(PepoObjective.variables(pepo));

    double expected = metric.squaredError(w, pepo.matrix());
    assertThat(evaluation.value()).isCloseTo(expected, within(1e-12 * expected));
  }

  @Test
  void losesTheDiscardedSingularValuesOfTheRearrangedMatrixOnTwoSites() {
    // Van Loan and Pitsianis: rows (o_0, i_0), columns (o_1, i_1)
    Lattice pair = lattice(1, 2, List.of(4, 3), List.of(3, 5), List.of(5), List.of());
    Tensor w = normal(5, 12, 15);
    Tensor rearranged = w.reshape(4, 3, 3, 5).permute(0, 2, 1, 3).reshape(12, 15);
    double[] s = Linalg.singularValues(rearranged).square().toDoubles();
    double expected = Arrays.stream(s).skip(5).sum() / Arrays.stream(s).sum();

    Metric metric = Metric.identity(15);
    double start = metric.squaredError(w, HierarchicalSvd.start(w, metric, pair).matrix());
    FitOptions options = FitOptions.standard();

    assertThat(start).isCloseTo(expected, within(1e-10));
    assertThat(PepoFit.fit(w, metric, pair, options).squaredError())
        .isCloseTo(expected, within(1e-10));
  }

  @Test
  void startsWithAnExactNetworkWhereAllBondsAreFull() {
    Lattice full =
        lattice(2, 2, List.of(2, 2, 2, 2), List.of(2, 2, 2, 2), List.of(4, 4), List.of(16, 16));
    Tensor w = normal(5, 16, 16);

    Pepo start = HierarchicalSvd.start(w, Metric.of(covariance(activations(90, 16, 2))), full);

    assertThat(distance(start.matrix(), w)).isLessThan(1e-10);
  }

  @Test
  void startsAtRandomWhereAColumnWouldNotFitIntoMemory() {
    // a column of three sites of 2 x 2 has three bonds of 300: 64 * 300^3 elements
    Lattice wide =
        lattice(
            3,
            2,
            List.of(2, 2, 2, 2, 2, 2),
            List.of(2, 2, 2, 2, 2, 2),
            List.of(300, 300, 300),
            List.of(2, 2, 2, 2));
    Tensor w = normal(5, 64, 64);

    Pepo start = HierarchicalSvd.start(w, Metric.identity(64), wide);

    // scaled to the energy of w
    assertThat(start.matrix().norm().item()).isCloseTo(w.norm().item(), within(1e-9 * 64));
  }

  @Test
  void neverEndsAboveItsStartAndReportsTheTrueError() {
    Lattice lattice = paddedRing();
    Tensor w = normal(3, 29, 19);
    Metric metric = Metric.of(covariance(activations(100, 19, 1)));

    Fitted fitted = PepoFit.fit(w, metric, lattice, new FitOptions(60, 0, 1e-12, 1, 7));

    double start = metric.squaredError(w, HierarchicalSvd.start(w, metric, lattice).matrix());
    assertThat(fitted.squaredError()).isLessThan(start);
    assertThat(metric.squaredError(w, fitted.factorization().matrix()))
        .isEqualTo(fitted.squaredError());
    assertThat(fitted.iterations()).isBetween(1, 60);
  }

  @Test
  void isTheSameForTheSameSeed() {
    Lattice lattice = ring();
    Tensor w = normal(3, 36, 24);
    FitOptions options = new FitOptions(20, 0, 1e-12, 2, 9);

    double first = PepoFit.fit(w, Metric.identity(24), lattice, options).squaredError();

    assertThat(PepoFit.fit(w, Metric.identity(24), lattice, options).squaredError())
        .isEqualTo(first);
  }

  @Test
  void refusesMatricesThatDoNotFit() {
    FitOptions options = FitOptions.standard();
    assertThatThrownBy(() -> PepoFit.fit(normal(1, 5, 24), Metric.identity(24), ring(), options))
        .hasMessageContaining("36 x 24");
    assertThatThrownBy(() ->
            PepoFit.fit(Tensor.zeros(DType.F64, 36, 24), Metric.identity(24), ring(), options))
        .hasMessageContaining("nothing to fit");
  }
}
