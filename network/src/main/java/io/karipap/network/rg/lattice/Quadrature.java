package io.karipap.network.rg.lattice;

import java.util.function.DoubleUnaryOperator;

/**
 * Numerical integration by the tanh-sinh rule (Takahasi and Mori, 1974), exact to rounding for
 * functions that are analytic between the ends, whatever they do at the ends themselves.
 */
final class Quadrature {

  private static final double STEP = 1.0 / 64;
  private static final int NODES = 4 * 64;

  private Quadrature() {}

  /** Integral of f from a to b; f is not evaluated at the ends. */
  static double integrate(DoubleUnaryOperator f, double a, double b) {
    double sum = 0;
    for (int i = -NODES; i <= NODES; i++) {
      double t = i * STEP;
      double u = Math.PI / 2 * Math.sinh(t);
      // distance from the nearer end, without cancellation
      double distance = (b - a) / (1 + Math.exp(2 * Math.abs(u)));
      double x = u < 0 ? a + distance : b - distance;
      double weight = Math.cosh(t) / Math.pow(Math.cosh(u), 2);
      if (x > a && x < b && weight > 0) {
        sum += weight * f.applyAsDouble(x);
      }
    }
    return sum * STEP * Math.PI / 2 * (b - a) / 2;
  }
}
