package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenormalizationFlowTest extends NetworkTest {

  private static final Ising ISING = Ising.isotropic(0.3);

  @Test
  void stopsWhenNothingChanges() {
    RenormalizationFlow<Trg> flow =
        RenormalizationFlow.run(
            Trg.of(ISING.site()), TruncationRule.toBond(4), new Stopping(100, 1e-10));
    RenormalizationFlow<Trg> longer =
        RenormalizationFlow.run(
            Trg.of(ISING.site()), TruncationRule.toBond(4), Stopping.after(100));

    assertThat(flow.steps()).isBetween(5, 50);
    assertThat(longer.steps()).isEqualTo(100);
    assertThat(flow.logZPerSite()).isCloseTo(longer.logZPerSite(), within(1e-9));
    assertThat(longer.logZPerSite()).isFinite();
  }

  @Test
  void theEndOutlivesTheFlow() {
    Trg end =
        RenormalizationFlow.run(Trg.of(ISING.site()), TruncationRule.toBond(4), Stopping.after(3))
            .end();

    assertThat(end.step(TruncationRule.toBond(4)).block().sites()).isEqualTo(16);
    assertThat(end.block().tensor().norm().item()).isCloseTo(1, within(1e-14));
  }

  /** As long as nothing is truncated, two steps give the torus of 2 x 2 sites exactly. */
  @Test
  void untruncatedStepsAreExact() {
    Tensor t = new RandomTensors(1).normal(DType.F64, 2, 3, 2, 3);
    Tensor pair = Tensor.einsum("iujm,kmnd->ikujnd", t, t);
    Tensor column = Tensor.einsum("ikujnu->ikjn", pair);
    double logZ = Math.log(Math.abs(Tensor.einsum("ikjn,jnik->", column, column).item())) / 4;
    TruncationRule none = TruncationRule.none();

    assertThat(Trg.of(t).step(none).step(none).logZPerSite()).isCloseTo(logZ, within(1e-11));
    assertThat(Btrg.of(t).step(none).step(none).logZPerSite()).isCloseTo(logZ, within(1e-11));
    assertThat(Hotrg.of(t).step(none).logZPerSite()).isCloseTo(logZ, within(1e-11));
  }

  @Test
  void thePlaquetteIsTheSumOverItsBonds() {
    RandomTensors random = new RandomTensors(2);
    Tensor a = random.normal(DType.F64, 2, 3, 4);
    Tensor b = random.normal(DType.F64, 3, 5, 6);
    Tensor c = random.normal(DType.F64, 7, 5, 8);
    Tensor d = random.normal(DType.F64, 9, 7, 4);

    assertThat(
            distance(
                Plaquette.contract(a, b, c, d), Tensor.einsum("axy,xzb,wzc,dwy->abcd", a, b, c, d)))
        .isLessThan(1e-13);
  }

  @Test
  void refusesWhatIsNotALattice() {
    Tensor uneven = Tensor.zeros(DType.F64, 2, 2, 3, 2);
    Tensor zero = Tensor.zeros(DType.F64, 2, 2, 2, 2);

    for (Tensor site : List.of(uneven, zero)) {
      assertThatThrownBy(() -> Trg.of(site)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Stopping.after(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new Stopping(1, Double.NaN)).hasMessageContaining("tolerance");
  }
}
