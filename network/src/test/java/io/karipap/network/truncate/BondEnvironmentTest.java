package io.karipap.network.truncate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.network.lattice.BondGauge;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BondEnvironmentTest extends NetworkTest {

  private static Metric metric(int m, int n) {
    return Metric.of(covariance(activations(100, n, 1)))
        .withOutput(covariance(activations(100, m, 11)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void isTheErrorAsAQuadraticFormInTheBondMatrix(int number) {
    Pepo pepo = random(paddedRing(), 4);
    Metric metric = metric(29, 19);
    Tensor w = normal(3, 29, 19);
    BondMatrix bond = BondMatrix.of(pepo, number);

    BondEnvironment environment = BondEnvironment.of(bond, w, metric, Long.MAX_VALUE);

    double constant = metric.energy(w);
    for (int k = 0; k < 5; k++) {
      Tensor b = normal(50 + k, bond.p(), bond.q());
      Tensor v = bond.with(b, Tensor.eye(DType.F64, bond.q())).matrix();
      double expected = metric.energy(w.sub(v));
      assertThat(environment.value(b) + constant).isCloseTo(expected, within(1e-10 * expected));
    }
    assertThat(environment.contraction()).isEqualTo(Contraction.EXACT);
    assertThat(
            distance(
                bond.with(bond.matrix(), Tensor.eye(DType.F64, bond.q())).matrix(), pepo.matrix()))
        .isLessThan(1e-12);
  }

  @Test
  void isExactFromTheDoubleLayerWhereTheMetricIsAProductOverTheSites() {
    Pepo pepo = random(ring(), 4);
    Metric metric = Metric.identity(24);
    Tensor w = normal(3, 36, 24);
    for (int number = 0; number < 4; number++) {
      BondMatrix bond = BondMatrix.of(pepo, number);
      BondEnvironment exact = BondEnvironment.of(bond, w, metric, Long.MAX_VALUE);
      BondEnvironment layers = BondEnvironment.of(bond, w, metric, 0);

      assertThat(layers.contraction()).isEqualTo(Contraction.KRONECKER);
      // the floor of a factor's eigenvalues scales the identity, the fit of the scale undoes it
      assertThat(layers.error()).isLessThan(1e-10);
      assertThat(distance(layers.norm(), exact.norm())).isLessThan(1e-10);
      assertThat(distance(layers.target(), exact.target())).isLessThan(1e-10);
    }
  }

  @Test
  void saysHowFarTheKroneckerPartIsFromTheMetric() {
    Pepo pepo = random(ring(), 4);
    BondMatrix bond = BondMatrix.of(pepo, 1);
    Metric metric = metric(36, 24);
    Tensor w = normal(3, 36, 24);
    BondEnvironment exact = BondEnvironment.of(bond, w, metric, Long.MAX_VALUE);

    BondEnvironment layers = BondEnvironment.of(bond, w, metric, 0);

    Tensor b = bond.matrix().reshape(-1);
    double error = distance(layers.norm().matmul(b), exact.norm().matmul(b));
    assertThat(layers.error()).isCloseTo(error, within(1e-10)).isGreaterThan(1e-3);
    // the slope at the present bond matrix is the true one
    Tensor slope = layers.norm().matmul(b).sub(layers.target().reshape(-1));
    Tensor expected = exact.norm().matmul(b).sub(exact.target().reshape(-1));
    assertThat(distance(slope, expected)).isLessThan(1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 5, 6, 9, 11})
  void isTheSameFromBoundariesWithLargeEnoughBonds(int number) {
    Lattice grid =
        lattice(
            3,
            3,
            List.of(2, 1, 2, 1, 2, 1, 2, 1, 2),
            List.of(1, 2, 1, 2, 1, 2, 1, 2, 1),
            List.of(2, 2, 3, 2, 2, 2),
            List.of(2, 2, 2, 2, 3, 2));
    Pepo pepo = random(grid, 5);
    BondGauge cut = BondGauge.of(grid, number);
    List<Tensor> sites = pepo.cores();
    BondMatrix bond =
        new BondMatrix(
            pepo,
            cut,
            cut.firstMatrix(pepo),
            cut.secondMatrix(pepo),
            Tensor.eye(DType.F64, grid.bondDimensions().get(number)));
    Tensor all =
        io.karipap.network.contract.PepoContraction.ofCutBondMatrices(
                grid, cut.ends(), bond.p(), bond.q())
            .contract(bond.cutCores())
            .reshape((long) bond.p() * bond.q(), -1);
    Tensor expected = all.matmul(all.transpose()).reshape(bond.p(), bond.q(), bond.p(), bond.q());

    assertThat(distance(DoubleLayerBoundary.norm(grid, cut.ends(), sites, 10_000), expected))
        .isLessThan(1e-11);
    double coarse = distance(DoubleLayerBoundary.norm(grid, cut.ends(), sites, 6), expected);
    double fine = distance(DoubleLayerBoundary.norm(grid, cut.ends(), sites, 12), expected);
    assertThat(fine).isLessThan(0.2);
    assertThat(fine).isLessThanOrEqualTo(coarse + 1e-12);
  }
}
