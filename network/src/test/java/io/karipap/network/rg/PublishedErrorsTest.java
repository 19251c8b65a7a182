package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.network.NetworkTest;
import io.karipap.network.rg.lattice.Dimers;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.network.rg.lattice.LatticeModel;
import io.karipap.network.rg.lattice.Potts;
import io.karipap.network.rg.lattice.SquareIce;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of ln Z per site against exact solutions, held to twice those that are published. */
class PublishedErrorsTest extends NetworkTest {

  private static final Stopping CONVERGED = new Stopping(60, 1e-12);

  /** Errors of the stopping rule are a thousandth of those of the truncation. */
  private static double error(LatticeModel model, String scheme, int chi) {
    return error(model, scheme, chi, 1e-13);
  }

  private static double error(LatticeModel model, String scheme, int chi, double tolerance) {
    Tensor site = model.site();
    TruncationRule truncation = TruncationRule.toBond(chi);
    double logZ =
        switch (scheme) {
          case "TRG" -> RenormalizationFlow.run(Trg.of(site), truncation, CONVERGED).logZPerSite();
          case "BTRG" ->
              RenormalizationFlow.run(Btrg.of(site), truncation, CONVERGED).logZPerSite();
          case "HOTRG" ->
              RenormalizationFlow.run(Hotrg.of(site), truncation, CONVERGED).logZPerSite();
          case "CTMRG" -> {
            CtmrgC4v start = CtmrgC4v.of(site, model.freeEnds().getFirst());
            yield RenormalizationFlow.run(start, truncation, new Stopping(5000, tolerance))
                .logZPerSite();
          }
          default -> throw new AssertionError(scheme);
        };
    return Math.abs(logZ / model.exactLogZPerSite().orElseThrow() - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "TRG, 8, 6.9e-5",
    "TRG, 16, 4.6e-6",
    "BTRG, 8, 1.1e-5",
    "BTRG, 16, 3.3e-7",
    "HOTRG, 8, 1.4e-5",
    "HOTRG, 16, 5.6e-7",
    "CTMRG, 8, 3.4e-6",
    "CTMRG, 16, 2.2e-7"
  })
  void criticalIsing(String scheme, int chi, double published) {
    double error = error(Ising.isotropic(Ising.CRITICAL), scheme, chi);

    assertThat(error).isLessThan(2 * published);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"TRG, 1.1e-6", "BTRG, 5.6e-8", "CTMRG, 6e-8"})
  void criticalIsingAtChi24(String scheme, double published) {
    double error = error(Ising.isotropic(Ising.CRITICAL), scheme, 24);

    assertThat(error).isLessThan(2 * published);
  }

  @ParameterizedTest
  @CsvSource({
    "0.4, TRG, 8, 5.3e-5",
    "0.4, TRG, 16, 8.6e-7",
    "0.4, BTRG, 8, 1.9e-6",
    "0.4, BTRG, 16, 1.8e-8",
    "0.4, HOTRG, 8, 2.9e-6",
    "0.4, HOTRG, 16, 4.0e-8",
    "0.4, CTMRG, 8, 1.5e-10",
    "0.4, CTMRG, 16, 8e-15",
    "0.5, TRG, 8, 3.5e-6",
    "0.5, TRG, 16, 6.0e-7",
    "0.5, BTRG, 8, 1.9e-6",
    "0.5, BTRG, 16, 6.1e-9",
    "0.5, HOTRG, 8, 1.1e-6",
    "0.5, HOTRG, 16, 1.3e-8",
    "0.5, CTMRG, 8, 4.3e-9",
    "0.5, CTMRG, 16, 5e-14"
  })
  void isingOffCriticality(double beta, String scheme, int chi, double published) {
    // down to the rounding of float64
    assertThat(error(Ising.isotropic(beta), scheme, chi, 1e-15)).isLessThan(2 * published);
  }

  @ParameterizedTest
  @CsvSource({"TRG, 3.5e-4, 3.8e-4", "BTRG, 2.0e-4, 2.1e-4"})
  void constrainedModels(String scheme, double dimers, double ice) {
    assertThat(error(new Dimers(), scheme, 16)).isLessThan(2 * dimers);
    assertThat(error(new SquareIce(), scheme, 16)).isLessThan(2 * ice);
  }

  @ParameterizedTest
  @CsvSource({"TRG, 1e-3, 1e-4", "BTRG, 5e-4, 5e-5", "HOTRG, 5e-4, 5e-5", "CTMRG, 1e-4, 1e-5"})
  void criticalPotts(String scheme, double few, double many) {
    assertThat(error(Potts.critical(3), scheme, 8)).isLessThan(few);
    assertThat(error(Potts.critical(3), scheme, 16)).isLessThan(many);
  }

  @ParameterizedTest
  @CsvSource({"TRG, 1e-4, 1e-5", "BTRG, 5e-5, 1e-6", "HOTRG, 5e-5, 5e-6"})
  void criticalAnisotropicIsing(String scheme, double few, double many) {
    Ising ising = new Ising(0.6093778634360062, 0.3046889317180031);

    assertThat(error(ising, scheme, 8)).isLessThan(few);
    assertThat(error(ising, scheme, 16)).isLessThan(many);
  }

  @Test
  void errorsFallWithTheBond() {
    Ising ising = Ising.isotropic(Ising.CRITICAL);
    for (String scheme : new String[] {"TRG", "BTRG", "HOTRG", "CTMRG"}) {
      double last = Double.POSITIVE_INFINITY;
      for (int chi : new int[] {2, 4, 8, 12}) {
        double error = error(ising, scheme, chi);
        assertThat(error).as("%s, chi %d", scheme, chi).isLessThan(last);
        last = error;
      }
    }
  }

  /** No figure is published for this bond: better than for the next smaller one. */
  @Tag("slow")
  @Test
  void bondWeightedAtChi32() {
    Ising ising = Ising.isotropic(Ising.CRITICAL);
    double exact = ising.exactLogZPerSite().orElseThrow();
    RenormalizationFlow<Btrg> flow =
        RenormalizationFlow.run(
            Btrg.of(ising.site()), TruncationRule.toBond(32), Stopping.after(40));

    assertThat(Math.abs(flow.logZPerSite() / exact - 1)).isLessThan(5.6e-8);
  }
}
