package io.karipap.network.rg.lattice;

import io.karipap.network.rg.Couplings;
import io.karipap.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The Potts model, Z = sum over states 1..q of exp(beta times the number of equal neighbours).
 *
 * @param states q, at least 2
 * @param beta inverse temperature
 */
public record Potts(int states, double beta) implements LatticeModel {

  /** Checks the parameters. */
  public Potts {
    if (states < 2 || states > 64) {
      throw new IllegalArgumentException("the Potts model has 2 to 64 states here, not " + states);
    }
    Couplings.require(beta, "Potts");
  }

  /** The model at its phase transition, beta = ln(1 + sqrt q). */
  public static Potts critical(int states) {
    return new Potts(states, criticalBeta(states));
  }

  private static double criticalBeta(int states) {
    return Math.log1p(Math.sqrt(states));
  }

  /** As for Ising spins: exp(beta delta) = exp(beta/2) exp(beta/2 (2 delta - 1)). */
  @Override
  public Tensor site() {
    Tensor x = Couplings.root(beta / 2, states).mul(Math.exp(beta / 4));
    return Tensor.einsum("sl,su,sr,sd->lurd", x, x, x, x);
  }

  /** No neighbour. */
  @Override
  public List<Tensor> freeEnds() {
    Tensor end = Couplings.freeEnd(beta / 2, states).mul(Math.exp(-beta / 4));
    return Collections.nCopies(4, end);
  }

  /**
   * At the transition for q = 2 and 3 (Baxter, Exactly Solved Models, section 12.5): ln q / 2 +
   * int_-inf^inf tanh(mu x) sinh((pi - mu) x) / (x sinh(pi x)) dx with 2 cos mu = sqrt q.
   */
  @Override
  public OptionalDouble exactLogZPerSite() {
    if (states > 3 || Math.abs(beta - criticalBeta(states)) > 1e-12) {
      return OptionalDouble.empty();
    }
    double mu = Math.acos(Math.sqrt(states) / 2);
    double integral =
        2
            * Quadrature.integrate(
                x ->
                    Math.tanh(mu * x)
                        * Math.exp(-mu * x)
                        * Math.expm1(-2 * (Math.PI - mu) * x)
                        / (x * Math.expm1(-2 * Math.PI * x)),
                0,
                40 / mu);
    return OptionalDouble.of(Math.log(states) / 2 + integral);
  }
}
