package io.karipap.network;

import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.Optional;

/**
 * The metric f = tr(G (W - V) C (W - V)^T) in which errors of a linear layer's matrix are measured.
 *
 * <p>C = E[x x^T] is that of the layer's input. Without an output side G is the identity and f the
 * mean of ||(W - V) x||^2. With G = E[g g^T], g the derivative of the loss by the layer's output, f
 * / 2 is the Kronecker-factored second-order estimate of how much the loss rises (K-FAC, Martens
 * and Grosse 2015): nats per token where the loss is the model's Kullback-Leibler divergence to
 * itself, so that errors of different matrices can be compared.
 *
 * @param covariance C [n, n], float64, symmetric and positive semidefinite
 * @param root R [n, k] with C = R R^T and orthogonal columns, k the numerical rank of C
 * @param inverseRoot the pseudo-inverse of R [k, n]: R inverseRoot projects on the range of C
 * @param output G, if errors of the outputs do not all weigh the same
 */
public record Metric(Tensor covariance, Tensor root, Tensor inverseRoot, Optional<Output> output) {

  /**
   * Eigenvalues below this share of the largest are rounding noise: the input direction never
   * occurs.
   */
  private static final double NOISE_EIGENVALUE_RATIO = 1e-13;

  /**
   * Part of G's mean eigenvalue that is added to its diagonal. Gradients of a few thousand tokens
   * do not see all directions of the output; without a weight there, a fit would put arbitrary
   * errors into them.
   */
  private static final double RIDGE = 0.01;

  /**
   * The output side of a metric.
   *
   * @param matrix G [m, m], float64, positive definite
   * @param root S [m, m] with G = S S^T
   * @param inverseRoot S^-1
   */
  public record Output(Tensor matrix, Tensor root, Tensor inverseRoot) {

    private Output to(DType type) {
      return new Output(matrix.to(type), root.to(type), inverseRoot.to(type));
    }
  }

  /**
   * The metric of a covariance. A singular covariance is normal: inputs that are always zero, or
   * always move together.
   *
   * @param c [n, n]; its symmetric part is taken
   * @throws IllegalArgumentException if c is not a square matrix of finite numbers, is zero, or has
   *     an eigenvalue that is negative beyond rounding
   */
  public static Metric of(Tensor c) {
    Tensor symmetric = symmetric("covariance", c);
    Output side = side("covariance", symmetric);
    return new Metric(symmetric, side.root(), side.inverseRoot(), Optional.empty());
  }

  /** The metric of uncorrelated inputs of variance 1, in which errors are Frobenius norms. */
  public static Metric identity(int n) {
    Tensor one = Tensor.eye(DType.F64, n);
    return new Metric(one, one, one, Optional.empty());
  }

  /**
   * The same inputs, with outputs measured by G. A hundredth of its mean eigenvalue is added to G's
   * diagonal: gradients of few tokens do not see all directions, and the others would have no
   * weight at all.
   *
   * @param g [m, m]; its symmetric part is taken
   * @throws IllegalArgumentException as {@link #of} does
   */
  public Metric withOutput(Tensor g) {
    Tensor symmetric = symmetric("second moment of gradients", g);
    double ridge = RIDGE * symmetric.diagonal().mean().item();
    Tensor regular = symmetric.add(Tensor.eye(DType.F64, symmetric.size(0)).mul(ridge));
    return new Metric(
        covariance, root, inverseRoot, Optional.of(side("second moment of gradients", regular)));
  }

  /** The same inputs, with all outputs weighing the same. */
  public Metric withoutOutput() {
    return new Metric(covariance, root, inverseRoot, Optional.empty());
  }

  /** The same metric in another element type, for products that need not be exact. */
  public Metric to(DType type) {
    return new Metric(
        covariance.to(type),
        root.to(type),
        inverseRoot.to(type),
        output.map(side -> side.to(type)));
  }

  private static Tensor symmetric(String name, Tensor a) {
    if (a.rank() != 2 || a.size(0) != a.size(1)) {
      throw new IllegalArgumentException(
          "a %s is a square matrix, not %s".formatted(name, Arrays.toString(a.shape())));
    }
    if (!a.isFinite()) {
      throw new IllegalArgumentException(
          "the %s has elements that are not finite numbers".formatted(name));
    }
    Tensor full = a.detach().to(DType.F64);
    return full.add(full.transpose()).mul(0.5);
  }

  /** A symmetric matrix with its root and the pseudo-inverse of that, from its spectrum. */
  private static Output side(String name, Tensor symmetric) {
    var spectrum = Linalg.eigh(symmetric);
    double[] values = spectrum.values().toDoubles();
    double largest = values[values.length - 1];
    if (largest <= 0 || values[0] < -1e-6 * largest) {
      throw new IllegalArgumentException(
          "a %s is positive semidefinite and not zero, this one has eigenvalues from %g to %g"
              .formatted(name, values[0], largest));
    }
    int dropped = 0;
    while (values[dropped] <= NOISE_EIGENVALUE_RATIO * largest) {
      dropped++;
    }
    int rank = values.length - dropped;
    Tensor sigma = spectrum.values().narrow(0, dropped, rank).sqrt();
    Tensor vectors = spectrum.vectors().narrow(1, dropped, rank);
    return new Output(
        symmetric, vectors.mul(sigma).contiguous(), vectors.div(sigma).transpose().contiguous());
  }

  /** Input dimension n. */
  public int size() {
    return covariance.size(0);
  }

  /** S^T W R, whose squared Frobenius norm is W's energy; [m, k]. */
  public Tensor whiten(Tensor w) {
    Tensor inputs = w.detach().to(DType.F64).matmul(root);
    return output.map(g -> g.root().transpose().matmul(inputs)).orElse(inputs);
  }

  /** G A C, half the derivative of tr(G A C A^T) by A [m, n]. */
  public Tensor weigh(Tensor a) {
    Tensor inputs = a.matmul(covariance);
    return output.map(g -> g.matrix().matmul(inputs)).orElse(inputs);
  }

  /**
   * C^(1/2) [n, n], the symmetric root: unlike {@link #root} it leaves every input in its place.
   */
  public Tensor symmetricRoot() {
    // R = U diag(s): C^(1/2) = U diag(s) U^T = R diag(1/s) R^T
    return root.div(root.square().sum(0).sqrt()).matmul(root.transpose());
  }

  /** tr(G W C W^T); with G = I the mean squared norm of W x. */
  public double energy(Tensor w) {
    try (var _ = new TensorScope()) {
      return whiten(w).square().sum().item();
    }
  }

  /**
   * tr(G (W - V) C (W - V)^T) / tr(G W C W^T): the share of the output's energy that is lost.
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
    try (var _ = new TensorScope()) {
      return energy(w.detach().to(DType.F64).sub(v.detach().to(DType.F64))) / energy;
    }
  }

  /** Square root of {@link #squaredError}. */
  public double error(Tensor w, Tensor v) {
    return Math.sqrt(squaredError(w, v));
  }
}
