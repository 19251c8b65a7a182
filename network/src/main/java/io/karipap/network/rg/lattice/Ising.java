package io.karipap.network.rg.lattice;

import io.karipap.network.rg.Couplings;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The Ising model, Z = sum over spins +-1 of exp(sum of a s s' over horizontal and of b s s' over
 * vertical neighbours).
 *
 * @param horizontal a, coupling over temperature of neighbours side by side
 * @param vertical b, coupling over temperature of neighbours one above the other
 */
public record Ising(double horizontal, double vertical) implements LatticeModel {

  /** Inverse temperature of the phase transition of the isotropic model, ln(1 + sqrt 2) / 2. */
  public static final double CRITICAL = Math.log1p(Math.sqrt(2)) / 2;

  /** Checks the couplings. */
  public Ising {
    Couplings.require(horizontal, "horizontal");
    Couplings.require(vertical, "vertical");
  }

  /** The isotropic model at an inverse temperature. */
  public static Ising isotropic(double beta) {
    return new Ising(beta, beta);
  }

  /**
   * The horizontal coupling over temperature at the phase transition, where sinh 2a sinh 2b = 1.
   *
   * @param ratio b / a
   */
  public static double criticalBeta(double ratio) {
    double below = 0;
    double above = 1 / Math.min(1, ratio);
    for (int i = 0; i < 100; i++) {
      double middle = (below + above) / 2;
      boolean ordered = Math.sinh(2 * middle) * Math.sinh(2 * middle * ratio) > 1;
      above = ordered ? middle : above;
      below = ordered ? below : middle;
    }
    return above;
  }

  /**
   * The spin sits on the site: T = sum over s of X[s,l] Y[s,u] X[s,r] Y[s,d], X^2 = exp(a s s').
   */
  @Override
  public Tensor site() {
    return with(Tensor.of(new double[] {1, 1}, 2));
  }

  /** The site tensor with s in the sum: the impurity whose expectation is the magnetisation. */
  public Tensor magnetisedSite() {
    return with(Tensor.of(new double[] {1, -1}, 2));
  }

  /** What ends the legs l, u, r, d of a site whose neighbours are spins that point up, vectors. */
  public List<Tensor> upEnds() {
    Tensor side = Couplings.root(horizontal, 2).select(0, 0);
    Tensor above = Couplings.root(vertical, 2).select(0, 0);
    return List.of(side, above, side, above);
  }

  /** No neighbour: the sum over l of X[s,l] end[l] is 1. */
  @Override
  public List<Tensor> freeEnds() {
    Tensor side = Couplings.freeEnd(horizontal, 2);
    Tensor above = Couplings.freeEnd(vertical, 2);
    return List.of(side, above, side, above);
  }

  private Tensor with(Tensor weights) {
    Tensor x = Couplings.root(horizontal, 2);
    Tensor y = Couplings.root(vertical, 2);
    return Tensor.einsum("s,sl,su,sr,sd->lurd", weights, x, y, x, y);
  }

  /**
   * Onsager's solution (Phys. Rev. 65, 117), one of its two integrals done: ln 2 + (1/2pi) int_0^pi
   * ln[(A + sqrt(A^2 - B^2))/2] dx with A = cosh 2a cosh 2b - sinh 2a cos x and B = sinh 2b.
   */
  @Override
  public OptionalDouble exactLogZPerSite() {
    double sinh = Math.sinh(2 * horizontal);
    double b = Math.sinh(2 * vertical);
    // A - B without cancellation where it vanishes: at criticality and x = 0
    double gap = Math.cosh(2 * horizontal) * Math.cosh(2 * vertical) - sinh - b;
    double integral =
        Quadrature.integrate(
            x -> {
              double less = Math.max(0, gap) + 2 * sinh * Math.pow(Math.sin(x / 2), 2);
              double a = less + b;
              return Math.log((a + Math.sqrt(less * (a + b))) / 2);
            },
            0,
            Math.PI);
    return OptionalDouble.of(Math.log(2) + integral / (2 * Math.PI));
  }

  /** Spontaneous magnetisation (1 - 1/(sinh 2a sinh 2b)^2)^(1/8) (Yang; Chang). */
  public double exactMagnetisation() {
    double product = Math.sinh(2 * horizontal) * Math.sinh(2 * vertical);
    return product <= 1 ? 0 : Math.pow(1 - 1 / (product * product), 0.125);
  }
}
