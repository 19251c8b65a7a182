package io.karipap.examples;

import io.karipap.network.rg.Btrg;
import io.karipap.network.rg.RenormalizationFlow;
import io.karipap.network.rg.Stopping;
import io.karipap.network.rg.TruncationRule;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.tensor.TensorScope;

/** Free energy of the Ising model: {@code RenormalizeLattice [BETA [CHI]]}. */
public final class RenormalizeLattice {

  private RenormalizeLattice() {}

  /** The program; without arguments at the critical temperature with bonds of 16. */
  public static void main(String[] args) {
    double beta = args.length > 0 ? Double.parseDouble(args[0]) : Ising.CRITICAL;
    int chi = args.length > 1 ? Integer.parseInt(args[1]) : 16;
    Ising model = Ising.isotropic(beta);
    try (var _ = new TensorScope()) {
      double logZ =
          RenormalizationFlow.run(
                  Btrg.of(model.site()), TruncationRule.toBond(chi), Stopping.after(30))
              .logZPerSite();
      System.out.printf("ln Z per site %.10f%n", logZ);
    }
    System.out.printf("exact         %.10f%n", model.exactLogZPerSite().orElseThrow());
  }
}
