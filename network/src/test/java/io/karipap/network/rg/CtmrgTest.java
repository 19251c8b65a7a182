package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.network.rg.lattice.SquareIce;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CtmrgTest extends NetworkTest {

  private static final TruncationRule CHI = TruncationRule.toBond(16);

  /** Yang's formula, in the phase that spins pointing up around the lattice choose. */
  @ParameterizedTest
  @ValueSource(doubles = {0.46, 0.5, 0.7})
  void spontaneousMagnetisation(double beta) {
    Ising ising = Ising.isotropic(beta);
    CtmrgC4v start = CtmrgC4v.of(ising.site(), ising.upEnds().getFirst());
    CtmrgC4v end = RenormalizationFlow.run(start, CHI, Stopping.after(200)).end();

    assertThat(end.expectation(ising.magnetisedSite()))
        .isCloseTo(ising.exactMagnetisation(), within(1e-8));
  }

  @Test
  void withoutSymmetryTheSame() {
    Ising ising = new Ising(0.7, 0.4);
    RenormalizationFlow<Ctmrg> flow =
        RenormalizationFlow.run(Ctmrg.of(ising.site(), ising.upEnds()), CHI, Stopping.after(40));

    assertThat(flow.logZPerSite()).isCloseTo(ising.exactLogZPerSite().orElseThrow(), within(1e-12));
    assertThat(flow.end().expectation(ising.magnetisedSite()))
        .isCloseTo(ising.exactMagnetisation(), within(1e-10));
  }

  @Test
  void iceWithoutSymmetry() {
    SquareIce ice = new SquareIce();
    RenormalizationFlow<Ctmrg> flow =
        RenormalizationFlow.run(Ctmrg.of(ice.site(), ice.freeEnds()), CHI, new Stopping(300, 1e-9));

    double exact = ice.exactLogZPerSite().orElseThrow();
    assertThat(Math.abs(flow.logZPerSite() / exact - 1)).isLessThan(1e-4);
  }

  @Test
  void refusesSitesThatAreNotSymmetric() {
    Ising ising = new Ising(0.7, 0.4);

    assertThatThrownBy(() -> CtmrgC4v.of(ising.site(), ising.upEnds().getFirst()))
        .hasMessageContaining("use the general CTMRG");
  }
}
