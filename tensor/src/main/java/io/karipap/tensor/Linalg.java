package io.karipap.tensor;

import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Matrix factorizations and linear systems (LAPACK), on float32 or float64; leading dimensions are
 * a batch.
 */
public final class Linalg {

  private Linalg() {}

  /**
   * A thin singular value decomposition A = U diag(s) Vh.
   *
   * @param u [m, k]
   * @param s [k], decreasing
   * @param vh [k, n], k = min(m, n)
   */
  public record Svd(Tensor u, Tensor s, Tensor vh) {}

  /**
   * A thin QR factorization A = Q R.
   *
   * @param q [m, k]
   * @param r [k, n], upper triangular
   */
  public record Qr(Tensor q, Tensor r) {}

  /**
   * The spectral decomposition A = V diag(w) V^T of a symmetric matrix.
   *
   * @param values [n], increasing
   * @param vectors [n, n], in columns
   */
  public record Eigh(Tensor values, Tensor vectors) {}

  /** Thin singular value decomposition of a [m, n]. */
  public static Svd svd(Tensor a) {
    var parts =
        Native.value("svd", () -> torch.linalg_svd(a.handle(), false, new StringViewOptional()), a);
    return new Svd(
        Native.copyOf(parts.get0()), Native.copyOf(parts.get1()), Native.copyOf(parts.get2()));
  }

  /** Singular values alone, decreasing. */
  public static Tensor singularValues(Tensor a) {
    return Native.call("svdvals", () -> torch.linalg_svdvals(a.handle()), a);
  }

  /** Thin QR factorization of a [m, n]. */
  public static Qr qr(Tensor a) {
    var parts = Native.value("qr", () -> torch.linalg_qr(a.handle()), a);
    return new Qr(Native.copyOf(parts.get0()), Native.copyOf(parts.get1()));
  }

  /** Spectral decomposition of a symmetric a [n, n]; only its lower triangle is read. */
  public static Eigh eigh(Tensor a) {
    var parts = Native.value("eigh", () -> torch.linalg_eigh(a.handle()), a);
    return new Eigh(Native.copyOf(parts.get0()), Native.copyOf(parts.get1()));
  }

  /**
   * Lower Cholesky factor L of a positive definite a = L L^T.
   *
   * @throws IllegalArgumentException if a is not positive definite
   */
  public static Tensor cholesky(Tensor a) {
    return Native.call("cholesky", () -> torch.linalg_cholesky(a.handle()), a);
  }

  /** X of (L L^T) X = b from the lower Cholesky factor; b is [n, k]. */
  public static Tensor choleskySolve(Tensor b, Tensor lower) {
    return Native.call(
        "choleskySolve", () -> torch.cholesky_solve(b.handle(), lower.handle(), false), b, lower);
  }

  /** X of a X = b for a square, regular a. */
  public static Tensor solve(Tensor a, Tensor b) {
    return Native.call("solve", () -> torch.linalg_solve(a.handle(), b.handle()), a, b);
  }

  /** X of a X = b for a triangular a. */
  public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper) {
    return Native.call(
        "solveTriangular",
        () -> torch.linalg_solve_triangular(a.handle(), b.handle(), upper),
        a,
        b);
  }

  /** X that minimises ||a X - b|| for a of full column rank; b is [m, k]. */
  public static Tensor leastSquares(Tensor a, Tensor b) {
    var parts =
        Native.value("leastSquares", () -> torch.linalg_lstsq(a.handle(), b.handle()), a, b);
    return Native.copyOf(parts.get0());
  }
}
