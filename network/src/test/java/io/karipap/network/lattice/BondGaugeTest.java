package io.karipap.network.lattice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BondGaugeTest extends NetworkTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void leavesTheOperatorAsItIs(int bond) {
    Pepo pepo = random(paddedRing(), 1);
    BondGauge gauge = BondGauge.of(pepo.lattice(), bond);
    int size = pepo.lattice().bondDimensions().get(bond);
    Tensor g = normal(2, size, size).add(Tensor.eye(DType.F64, size).mul(3));

    assertThat(distance(gauge.insert(pepo, g).matrix(), pepo.matrix())).isLessThan(1e-12);
    assertThat(distance(gauge.orthogonalise(pepo).matrix(), pepo.matrix())).isLessThan(1e-12);
    assertThat(distance(gauge.balance(pepo).matrix(), pepo.matrix())).isLessThan(1e-12);
  }

  @Test
  void makesTheFirstSiteAnIsometryTowardsTheBond() {
    Pepo pepo = BondGauge.of(ring(), 0).orthogonalise(random(ring(), 1));
    Tensor site = pepo.cores().getFirst(); // [o, i, right, down], bond 0 is right

    Tensor gram = Tensor.einsum("oird,oisd->rs", site, site);

    assertThat(gram.sub(Tensor.eye(DType.F64, 3)).norm().item()).isLessThan(1e-13);
  }

  @Test
  void balancesTheNormsOfBothSites() {
    Pepo raw = random(ring(), 1);
    Pepo skewed = BondGauge.of(ring(), 2).insert(raw, Tensor.eye(DType.F64, 2).mul(100));

    Pepo pepo = BondGauge.of(ring(), 2).balance(skewed);

    double upper = pepo.cores().get(0).norm().item();
    assertThat(pepo.cores().get(2).norm().item()).isCloseTo(upper, within(1e-12 * upper));
  }

  @Test
  void refusesABondThatTheLatticeLacks() {
    assertThatThrownBy(() -> BondGauge.of(ring(), 4)).hasMessageContaining("no bond 4");
  }
}
