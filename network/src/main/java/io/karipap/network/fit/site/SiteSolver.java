package io.karipap.network.fit.site;

import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.List;

/** Solves the normal equations X N = B of one core, block by block over its outputs. */
final class SiteSolver {

  /**
   * The most unknowns per output, and the most elements of an intermediate, for which the matrix of
   * the equations is computed; beyond them conjugate gradients work without it.
   */
  private static final long MAX_CHOLESKY_UNKNOWNS = 2048;

  private static final double MAX_CHOLESKY_ELEMENTS = 1 << 26;

  private static final int CONJUGATE_GRADIENT_STEPS = 50;

  private SiteSolver() {}

  /**
   * The core that solves the equations.
   *
   * @param b right side [o, (i b)]
   * @param ridge added to the diagonal, relative to its mean
   * @return [o, (i b)]
   */
  static Tensor solve(SiteEnvironment environment, Tensor c, Tensor b, double ridge) {
    return hasMatrix(environment)
        ? byCholesky(environment, c, b, ridge)
        : byConjugateGradients(environment, c, b);
  }

  /** Whether the matrix of the equations is small enough to be written down. */
  static boolean hasMatrix(SiteEnvironment environment) {
    SiteLayout layout = environment.layout();
    return layout.inputs() * layout.bonds() <= MAX_CHOLESKY_UNKNOWNS
        && environment.normalSize() <= MAX_CHOLESKY_ELEMENTS;
  }

  static Tensor byCholesky(SiteEnvironment environment, Tensor c, Tensor b, double ridge) {
    Tensor solution = b.zerosLike();
    for (List<Integer> group : environment.layout().groups()) {
      Tensor normal = environment.normal(c, group.getFirst());
      Tensor rows = Tensor.of(group.stream().mapToLong(Integer::longValue).toArray(), group.size());
      Tensor lower = regularCholesky(normal, ridge);
      Tensor part = Linalg.choleskySolve(b.indexSelect(0, rows).transpose(), lower).transpose();
      for (int k = 0; k < group.size(); k++) {
        solution.select(0, group.get(k)).copyFrom(part.select(0, k));
      }
    }
    return solution;
  }

  /**
   * The factor of N + ridge; the ridge grows until rounding leaves the matrix positive definite.
   */
  static Tensor regularCholesky(Tensor normal, double ridge) {
    long n = normal.size(0);
    double mean = Math.max(normal.diagonal().mean().item(), Double.MIN_NORMAL);
    for (double part = Math.max(ridge, 1e-15); ; part *= 10) {
      try {
        return Linalg.cholesky(normal.add(Tensor.eye(DType.F64, n).mul(part * mean)));
      } catch (IllegalArgumentException e) {
        if (part > 1) {
          throw e;
        }
      }
    }
  }

  /** A limited number of steps from zero: every one lowers the quadratic form. */
  static Tensor byConjugateGradients(SiteEnvironment environment, Tensor c, Tensor b) {
    Tensor x = b.zerosLike();
    Tensor r = b.copy();
    Tensor p = b.copy();
    double square = r.square().sum().item();
    double target = 1e-24 * square;
    for (int step = 0; step < CONJUGATE_GRADIENT_STEPS && square > target; step++) {
      Tensor np = environment.project(environment.expand(p).matmul(c));
      double curvature = p.mul(np).sum().item();
      if (!(curvature > 0)) {
        break;
      }
      double alpha = square / curvature;
      x.addInPlace(p, alpha);
      r.addInPlace(np, -alpha);
      double next = r.square().sum().item();
      p.scaleInPlace(next / square);
      p.addInPlace(r, 1);
      square = next;
    }
    return x;
  }
}
