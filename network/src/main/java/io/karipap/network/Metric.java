package io.karipap.network;

import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/**
 * The activation metric C = E[x x^T] of a linear layer's input x, in which errors of the layer's
 * matrix are measured: the mean of ||(W - V) x||^2 is tr((W - V) C (W - V)^T).
 *
 * @param covariance C [n, n], float64, symmetric and positive semidefinite
 * @param root R [n, k] with C = R R^T and orthogonal columns, k the numerical rank of C
 * @param inverseRoot the pseudo-inverse of R [k, n]: R inverseRoot projects on the range of C
 */
public record Metric(Tensor covariance, Tensor root, Tensor inverseRoot) {

  /** Eigenvalues below this part of the largest are rounding noise of a dead input direction. */
  private static final double NOISE = 1e-13;

  /**
   * The metric of a covariance. A singular covariance is normal: inputs that are always zero, or
   * always move together.
   *
   * @param c [n, n]; its symmetric part is taken
   * @throws IllegalArgumentException if c is not a square matrix of finite numbers, is zero, or has
   *     an eigenvalue that is negative beyond rounding
   */
  public static Metric of(Tensor c) {
    if (c.rank() != 2 || c.size(0) != c.size(1)) {
      throw new IllegalArgumentException(
          "a covariance is a square matrix, not " + Arrays.toString(c.shape()));
    }
    if (!c.isFinite()) {
      throw new IllegalArgumentException("the covariance has elements that are not finite numbers");
    }
    Tensor full = c.detach().to(DType.F64);
    Tensor symmetric = full.add(full.transpose()).mul(0.5);
    var spectrum = Linalg.eigh(symmetric);
    double[] values = spectrum.values().toDoubles();
    double largest = values[values.length - 1];
    if (largest <= 0 || values[0] < -1e-6 * largest) {
      throw new IllegalArgumentException(
          "a covariance is positive semidefinite and not zero, this one has eigenvalues from %g to %g"
              .formatted(values[0], largest));
    }
    int dropped = 0;
    while (values[dropped] <= NOISE * largest) {
      dropped++;
    }
    int rank = values.length - dropped;
    Tensor sigma = spectrum.values().narrow(0, dropped, rank).sqrt();
    Tensor vectors = spectrum.vectors().narrow(1, dropped, rank);
    return new Metric(
        symmetric, vectors.mul(sigma).contiguous(), vectors.div(sigma).transpose().contiguous());
  }

  /** The metric of uncorrelated inputs of variance 1, in which errors are Frobenius norms. */
  public static Metric identity(int n) {
    Tensor one = Tensor.eye(DType.F64, n);
    return new Metric(one, one, one);
  }

  /** Input dimension n. */
  public int size() {
    return covariance.size(0);
  }

  /**
   * C^(1/2) [n, n], the symmetric root: unlike {@link #root} it leaves every input in its place.
   */
  public Tensor symmetricRoot() {
    // R = U diag(s): C^(1/2) = U diag(s) U^T = R diag(1/s) R^T
    return root.div(root.square().sum(0).sqrt()).matmul(root.transpose());
  }

  /** tr(W C W^T), the mean squared norm of W x. */
  public double energy(Tensor w) {
    return w.detach().to(DType.F64).matmul(root).square().sum().item();
  }

  /**
   * tr((W - V) C (W - V)^T) / tr(W C W^T): the share of the output's energy that is lost.
   *
   * @param w the matrix [m, n]
   * @param v its approximation [m, n]
   * @throws IllegalArgumentException if the shapes do not fit, or W x is always zero
   */
  public double squaredError(Tensor w, Tensor v) {
    double energy = energy(w);
    if (energy == 0) {
      throw new IllegalArgumentException("relative error of a matrix whose output is always zero");
    }
    return energy(w.detach().to(DType.F64).sub(v.detach().to(DType.F64))) / energy;
  }

  /** Square root of {@link #squaredError}. */
  public double error(Tensor w, Tensor v) {
    return Math.sqrt(squaredError(w, v));
  }
}
