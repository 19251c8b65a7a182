package io.karipap.network.truncate;

import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.truncate.SimpleUpdate.Pair;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;

/**
 * Truncates a bond in its environment: the pair a b^T that minimises B N B - 2 b B, by alternating
 * least squares (Jordan et al., Phys. Rev. Lett. 101, 250602; Lubasch, Cirac and Banuls, Phys. Rev.
 * B 90, 064425), in the gauge of Phien et al., Phys. Rev. B 92, 035142, in which N is as near to
 * the identity as a product of two matrices makes it.
 */
public final class FullUpdate {

  private static final int MAX_SWEEPS = 20;

  /** The sweeps end when the quadratic form falls by less than this share of the loss. */
  private static final double TOLERANCE = 1e-3;

  /**
   * Ridge of the normal matrices, relative to the mean of their diagonal: it keeps them regular.
   */
  private static final double RIDGE = 1e-10;

  /**
   * Smallest eigenvalue of a gauge, relative to the largest: the inverse of a smaller one amplifies
   * noise.
   */
  private static final double MIN_EIGENVALUE_RATIO = 1e-6;

  private FullUpdate() {}

  /**
   * The network with a smaller bond: the better of full and simple update by true error.
   *
   * @param bond index into {@link io.karipap.checkpoint.form.Lattice#bondDimensions}
   * @param dimension its new dimension
   * @param w the matrix that the network stands for
   * @throws IllegalArgumentException if the new dimension is not 1 to the present one
   */
  public static TruncatedPepo truncate(
      Pepo pepo, int bond, int dimension, Tensor w, Metric metric) {
    return truncate(pepo, bond, dimension, w, metric, BondEnvironment.EXACT_ELEMENTS);
  }

  /**
   * The network with a smaller bond and all its tensors refitted: the better of the refits from the
   * full and from the simple update. There are many minima, and the worse start sometimes leads to
   * the better one; with both, the result is never worse than that of the simple update alone.
   */
  public static TruncatedPepo refitted(
      Pepo pepo, int bond, int dimension, Tensor w, Metric metric, FitOptions options) {
    TruncatedPepo full = truncate(pepo, bond, dimension, w, metric);
    TruncatedPepo best = full.refitted(w, metric, options);
    if (full.contraction() == Contraction.NONE) {
      return best; // it is the simple update
    }
    TruncatedPepo simple =
        TruncatedPepo.of(
                SimpleUpdate.truncate(pepo, bond, dimension), w, metric, Contraction.NONE, 0)
            .refitted(w, metric, options);
    return best.squaredError() <= simple.squaredError() ? best : simple;
  }

  static TruncatedPepo truncate(
      Pepo pepo, int bond, int dimension, Tensor w, Metric metric, long exactElements) {
    try (var scope = new TensorScope()) {
      BondMatrix reduced = BondMatrix.of(pepo, bond);
      Pair simple = Pair.nearest(reduced.matrix(), Pair.checked(dimension, reduced));
      Tensor target = w.detach().to(DType.F64);
      BondEnvironment environment = BondEnvironment.of(reduced, target, metric, exactElements);
      Pair full = minimise(environment, reduced.matrix(), simple);
      TruncatedPepo plain =
          TruncatedPepo.of(reduced.with(simple.a(), simple.b()), w, metric, Contraction.NONE, 0);
      TruncatedPepo weighted =
          TruncatedPepo.of(
              reduced.with(full.a(), full.b()),
              w,
              metric,
              environment.contraction(),
              environment.error());
      // with an approximate environment, or rounding, the full update may be the worse one
      TruncatedPepo best = weighted.squaredError() <= plain.squaredError() ? weighted : plain;
      best.pepo().cores().forEach(scope::keep);
      return best;
    }
  }

  /** Alternating least squares from the better of two starts. */
  static Pair minimise(BondEnvironment environment, Tensor present, Pair simple) {
    Pair gauged = gauged(environment, present, simple.a().size(1));
    Pair pair =
        environment.value(gauged.matrix()) < environment.value(simple.matrix()) ? gauged : simple;
    double unconstrained = environment.value(present);
    double value = environment.value(pair.matrix());
    double before = Double.POSITIVE_INFINITY;
    for (int sweep = 0;
        sweep < MAX_SWEEPS && before - value > TOLERANCE * Math.abs(value - unconstrained);
        sweep++) {
      before = value;
      Pair next = solve(environment, pair);
      value = environment.value(next.matrix());
      if (value < before) {
        pair = next;
      }
    }
    return balanced(pair);
  }

  /** Solves for a with b fixed, then for b. */
  private static Pair solve(BondEnvironment environment, Pair pair) {
    long p = pair.a().size(0);
    long q = pair.b().size(0);
    long d = pair.a().size(1);
    Tensor n = environment.norm().reshape(p, q, p, q);
    Tensor b = Linalg.qr(pair.b()).q(); // any basis of b's columns: a takes up the rest
    Tensor nb = Tensor.einsum("pqrs,qd->pdrs", n, b);
    Tensor left = Tensor.einsum("pdrs,se->pdre", nb, b).reshape(p * d, p * d);
    Tensor a = positive(left, environment.target().matmul(b).reshape(-1, 1)).reshape(p, d);
    Tensor qa = Linalg.qr(a).q();
    Tensor na = Tensor.einsum("pqrs,pd->qdrs", n, qa);
    Tensor right = Tensor.einsum("qdrs,re->qdse", na, qa).reshape(q * d, q * d);
    Tensor rest = environment.target().transpose().matmul(qa).reshape(-1, 1);
    return new Pair(qa, positive(right, rest).reshape(q, d));
  }

  private static Tensor positive(Tensor matrix, Tensor b) {
    double mean = Math.max(matrix.diagonal().mean().item(), Double.MIN_NORMAL);
    for (double part = RIDGE; ; part *= 100) {
      try {
        Tensor regular = matrix.add(Tensor.eye(DType.F64, matrix.size(0)).mul(part * mean));
        return Linalg.choleskySolve(b, Linalg.cholesky(regular));
      } catch (IllegalArgumentException e) {
        if (part > 1) {
          throw e;
        }
      }
    }
  }

  /**
   * The bond matrix cut off where the environment is nearly the identity: with L L^T and R R^T the
   * parts of N on p and on q, B is nearest to L^-T [L^T B R]_D R^-1.
   */
  private static Pair gauged(BondEnvironment environment, Tensor present, int rank) {
    long p = present.size(0);
    long q = present.size(1);
    Tensor n = environment.norm().reshape(p, q, p, q);
    Gauge left = Gauge.of(Tensor.einsum("pqrq->pr", n));
    Gauge right = Gauge.of(Tensor.einsum("pqps->qs", n));
    Tensor weighted = left.root().matmul(present).matmul(right.root());
    Pair pair = Pair.nearest(weighted, rank);
    return new Pair(left.inverse().matmul(pair.a()), right.inverse().matmul(pair.b()));
  }

  /** A symmetric root and its inverse, of the positive part of a matrix. */
  private record Gauge(Tensor root, Tensor inverse) {
    static Gauge of(Tensor matrix) {
      var spectrum = Linalg.eigh(matrix);
      Tensor s =
          spectrum.values().clampMin(MIN_EIGENVALUE_RATIO * spectrum.values().max().item()).sqrt();
      Tensor v = spectrum.vectors();
      return new Gauge(v.mul(s).matmul(v.transpose()), v.div(s).matmul(v.transpose()));
    }
  }

  private static Pair balanced(Pair pair) {
    var a = Linalg.qr(pair.a());
    var b = Linalg.qr(pair.b());
    Pair inner = Pair.nearest(a.r().matmul(b.r().transpose()), pair.a().size(1));
    return new Pair(a.q().matmul(inner.a()), b.q().matmul(inner.b()));
  }
}
