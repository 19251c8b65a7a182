package io.karipap.network.rg;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;

/** Boltzmann factors of bonds between spins. */
public final class Couplings {

  private Couplings() {}

  /** Refuses a coupling that has no real square root of its Boltzmann factors, or overflows. */
  public static void require(double coupling, String name) {
    if (!(coupling > 0 && coupling <= 100)) {
      throw new IllegalArgumentException(
          "the %s coupling over temperature must be above 0 and at most 100, not %s"
              .formatted(name, coupling));
    }
  }

  /**
   * The symmetric root X [q,q], X^2 = exp(K) on the diagonal and exp(-K) elsewhere; for q = 2 the
   * bond of two spins +-1. With q states the eigenvalues are exp(K) + (q-1) exp(-K) for the uniform
   * vector and exp(K) - exp(-K) for all others.
   */
  public static Tensor root(double k, int q) {
    double uniform = uniform(k, q);
    double other = Math.sqrt(2 * Math.sinh(k));
    double[] x = new double[q * q];
    for (int i = 0; i < x.length; i++) {
      boolean diagonal = i % (q + 1) == 0;
      x[i] = (uniform - other) / q + (diagonal ? other : 0);
    }
    return Tensor.of(x, q, q);
  }

  /** The vector [q] that X turns into ones. */
  public static Tensor freeEnd(double k, int q) {
    return Tensor.full(1 / uniform(k, q), DType.F64, q);
  }

  private static double uniform(double k, int q) {
    return Math.sqrt(Math.exp(k) + (q - 1) * Math.exp(-k));
  }
}
