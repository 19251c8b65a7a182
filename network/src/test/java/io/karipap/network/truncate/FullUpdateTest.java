package io.karipap.network.truncate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.PepoFit;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FullUpdateTest extends NetworkTest {

  private static final FitOptions SHORT = new FitOptions(60, 1e-5, 1e-12, 0, 1);

  private static Metric metric(int m, int n) {
    return Metric.of(covariance(activations(100, n, 1)))
        .withOutput(covariance(activations(100, m, 11)));
  }

  private static Lattice wide() {
    return lattice(2, 2, List.of(3, 2, 2, 3), List.of(2, 3, 2, 2), List.of(4, 4), List.of(4, 4));
  }

  /** A matrix with a decaying spectrum on every cut, and some noise: no random matrix. */
  private static Tensor structured(long seed) {
    return random(wide(), seed).matrix().add(normal(seed + 1, 36, 24).mul(3));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void isNeverWorseThanTheSimpleUpdateBeforeAndAfterTheRefit(long seed) {
    Tensor w = seed % 2 == 0 ? normal(seed, 36, 24) : structured(seed);
    Metric metric = metric(36, 24);
    Pepo fitted = (Pepo) PepoFit.fit(w, metric, wide(), SHORT).factorization();
    for (int bond = 0; bond < 4; bond += 3) {
      Pepo simple = SimpleUpdate.truncate(fitted, bond, 2);
      TruncatedPepo full = FullUpdate.truncate(fitted, bond, 2, w, metric);
      TruncatedPepo layers = FullUpdate.truncate(fitted, bond, 2, w, metric, 0);

      double plain = metric.squaredError(w, simple.matrix());
      assertThat(full.squaredError()).isLessThanOrEqualTo(plain * (1 + 1e-12));
      assertThat(layers.squaredError()).isLessThanOrEqualTo(plain * (1 + 1e-12));
      assertThat(metric.squaredError(w, full.pepo().matrix()))
          .isCloseTo(full.squaredError(), within(1e-12));
      double refitted = FullUpdate.refitted(fitted, bond, 2, w, metric, SHORT).squaredError();
      double other = PepoFit.from(simple, w, metric, SHORT).squaredError();
      assertThat(refitted).isLessThanOrEqualTo(other * (1 + 1e-12));
    }
  }

  @Test
  void isTheBestPairOnATwoSiteChain() {
    // without loops and with the identity as metric the optimum is a singular value decomposition
    Lattice pair = lattice(1, 2, List.of(4, 3), List.of(3, 5), List.of(8), List.of());
    Pepo pepo = random(pair, 3);
    Tensor rearranged = pepo.matrix().reshape(4, 3, 3, 5).permute(0, 2, 1, 3).reshape(12, 15);
    double[] s = Linalg.singularValues(rearranged).square().toDoubles();
    double expected = Arrays.stream(s).skip(3).sum() / Arrays.stream(s).sum();

    TruncatedPepo full = FullUpdate.truncate(pepo, 0, 3, pepo.matrix(), Metric.identity(15));

    assertThat(full.squaredError()).isCloseTo(expected, within(1e-9));
    assertThat(full.pepo().lattice().bondDimensions()).containsExactly(3);
  }

  @Test
  void isAMinimumOfTheTrueErrorAmongItsNeighbours() {
    Tensor w = structured(8);
    Metric metric = metric(36, 24);
    Pepo fitted = (Pepo) PepoFit.fit(w, metric, wide(), SHORT).factorization();
    BondMatrix bond = BondMatrix.of(fitted, 1);
    BondEnvironment environment = BondEnvironment.of(bond, w, metric, Long.MAX_VALUE);

    SimpleUpdate.Pair best =
        FullUpdate.minimise(
            environment, bond.matrix(), SimpleUpdate.Pair.nearest(bond.matrix(), 2));

    double lost = environment.value(best.matrix()) - environment.value(bond.matrix());
    for (int k = 0; k < 20; k++) {
      Tensor a = best.a().add(normal(70 + k, bond.p(), 2).mul(0.05));
      Tensor b = best.b().add(normal(90 + k, bond.q(), 2).mul(0.05));
      double there = environment.value(a.matmul(b.transpose()));
      assertThat(there).isGreaterThan(environment.value(best.matrix()) - 0.002 * lost);
    }
  }

  @Test
  void losesNothingWhereTheBondIsLargerThanItsContent() {
    Pepo small =
        random(
            lattice(2, 2, List.of(3, 2, 2, 3), List.of(2, 3, 2, 2), List.of(2, 2), List.of(2, 2)),
            6);
    // the same operator with a redundant third state on bond 0
    var gauge = io.karipap.network.lattice.BondGauge.of(small.lattice(), 0);
    Tensor extra = normal(9, 2, 3);
    Tensor inverse = Linalg.solve(extra.matmul(extra.transpose()), extra).transpose(); // [3, 2]
    Pepo large =
        gauge.with(
            small,
            gauge.firstMatrix(small).matmul(extra),
            gauge.secondMatrix(small).matmul(inverse.transpose()));
    assertThat(distance(large.matrix(), small.matrix())).isLessThan(1e-12);

    TruncatedPepo back = FullUpdate.truncate(large, 0, 2, small.matrix(), metric(36, 24));

    assertThat(back.squaredError()).isLessThan(1e-18);
  }

  @Test
  void refusesABondThatWouldGrow() {
    Pepo pepo = random(ring(), 1);
    assertThatThrownBy(() -> FullUpdate.truncate(pepo, 0, 4, pepo.matrix(), Metric.identity(24)))
        .hasMessageContaining("cannot be truncated");
    assertThatThrownBy(() -> SimpleUpdate.truncate(pepo, 0, 0))
        .hasMessageContaining("cannot be truncated");
  }
}
