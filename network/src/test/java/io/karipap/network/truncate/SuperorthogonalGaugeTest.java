package io.karipap.network.truncate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.network.lattice.BondGauge;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuperorthogonalGaugeTest extends NetworkTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void leavesTheOperatorAsItIsAndMakesEverySiteOrthogonal(long seed) {
    Pepo pepo = random(paddedRing(), seed);

    SuperorthogonalGauge gauge = SuperorthogonalGauge.of(pepo, 500, 1e-13);

    assertThat(gauge.change()).isLessThanOrEqualTo(1e-13);
    assertThat(distance(gauge.pepo().matrix(), pepo.matrix())).isLessThan(1e-12);
    for (int number = 0; number < 4; number++) {
      BondGauge bond = BondGauge.of(pepo.lattice(), number);
      for (Tensor end :
          List.of(
              bond.firstMatrix(weighted(gauge, bond.ends().first(), number)),
              bond.secondMatrix(weighted(gauge, bond.ends().second(), number)))) {
        Tensor gram = end.transpose().matmul(end);
        // proportional to the weights of the bond, half of which is in the site
        Tensor scaled = gram.mul(1 / gram.max().item());
        Tensor lambda = gauge.weights().get(number);
        Tensor diagonal = Tensor.eye(DType.F64, lambda.size(0)).mul(lambda);
        assertThat(scaled.sub(diagonal).norm().item()).isLessThan(1e-9);
      }
    }
  }

  /** The missing halves of all weights of a site but those of one bond. */
  private static Pepo weighted(SuperorthogonalGauge gauge, int site, int but) {
    Pepo pepo = gauge.pepo();
    List<Integer> bonds = pepo.lattice().bondsOf(site);
    Tensor core = pepo.cores().get(site);
    for (int leg = 0; leg < bonds.size(); leg++) {
      if (bonds.get(leg) != but) {
        Tensor root = gauge.weights().get(bonds.get(leg)).sqrt();
        core = core.transpose(2 + leg, -1).mul(root).transpose(2 + leg, -1);
      }
    }
    List<Tensor> cores = new java.util.ArrayList<>(pepo.cores());
    cores.set(site, core.contiguous());
    return pepo.withCores(cores);
  }

  @Test
  void hasTheSchmidtSpectraAsWeightsOnAChain() {
    var chain = lattice(1, 3, List.of(3, 2, 3), List.of(2, 3, 2), List.of(4, 3), List.of());
    Pepo pepo = random(chain, 7);
    Tensor cut = pepo.matrix().reshape(3, 2, 3, 2, 3, 2).permute(0, 3, 1, 2, 4, 5).reshape(6, 36);
    double[] expected = Linalg.singularValues(cut).toDoubles();

    SuperorthogonalGauge gauge = SuperorthogonalGauge.of(pepo, 100, 1e-14);

    double[] weights = gauge.weights().getFirst().toDoubles();
    for (int k = 0; k < 4; k++) {
      assertThat(weights[k]).isCloseTo(expected[k] / expected[0], within(1e-12));
    }
  }
}
