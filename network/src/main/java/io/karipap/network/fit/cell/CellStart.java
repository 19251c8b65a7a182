package io.karipap.network.fit.cell;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.network.Metric;
import io.karipap.network.fit.HierarchicalSvd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where a joint fit starts.
 *
 * <p>Two sites: the leading left singular vectors of all W_l R_l side by side and the leading right
 * ones of all W_l above each other, then the best bond matrix or own factor between them. That is
 * the optimum when only the left factor is shared. Larger lattices: the first principal component
 * of the matrices over depth, cut by the hierarchical singular value decomposition, with each
 * matrix's coefficient on its first own tensor.
 */
final class CellStart {

  /**
   * Ridge of the normal equations, relative to their mean diagonal: it keeps them regular when some
   * inputs never occur.
   */
  private static final double RIDGE = 1e-13;

  private final CellShape shape;
  private final List<CellTarget> targets;

  private CellStart(CellProblem problem) {
    shape = problem.shape();
    targets = problem.targets();
  }

  /** Scaled tensors of every matrix. */
  static List<List<Tensor>> of(CellProblem problem) {
    CellStart start = new CellStart(problem);
    boolean leftShared = problem.shape().shared().getFirst();
    boolean rightShared = problem.shape().shared().getLast();
    if (!problem.shape().isPair() || !(leftShared || rightShared)) {
      return start.principalComponent();
    }
    if (problem.shape().bondMatrices().getFirst() == BondMatrix.DIAGONAL) {
      return start.triplets();
    }
    return start.bases(leftShared, rightShared);
  }

  private int rank() {
    return shape.lattice().bondDimensions().getFirst();
  }

  private List<List<Tensor>> bases(boolean leftShared, boolean rightShared) {
    List<List<Tensor>> cells = new ArrayList<>();
    Tensor left = leftShared ? leftBasis() : Tensor.zeros(DType.F64, 1);
    Tensor right = rightShared ? rightBasis() : Tensor.zeros(DType.F64, 1);
    boolean bond = shape.bondMatrices().getFirst() == BondMatrix.FULL;
    for (CellTarget target : targets) {
      // L^T W is all that a right factor of its own can be; with a shared right factor what is
      // left of it is a factor of the normal equations' size
      Tensor inner = leftShared ? left.transpose().matmul(target.w()) : target.w();
      Tensor middle = rightShared ? onto(right, inner, target.metric()) : inner;
      Tensor l = leftShared ? left : bond ? Tensor.eye(DType.F64, rank()) : middle;
      Tensor r = rightShared ? right : middle;
      Tensor lambda = leftShared && rightShared ? middle : Tensor.eye(DType.F64, rank());
      cells.add(cores(l, r, lambda));
    }
    return cells;
  }

  /** U [m, D], the leading left singular vectors of all W_l R_l side by side. */
  private Tensor leftBasis() {
    List<Tensor> outputs =
        targets.stream().map(t -> t.w().matmul(t.metric().root()).mul(t.scale())).toList();
    Tensor u = Linalg.svd(Tensor.concatenate(outputs, 1)).u();
    requireRank(u.size(1));
    return u.narrow(1, 0, rank());
  }

  /** Vh [D, n], the leading right singular vectors of all W_l above each other. */
  private Tensor rightBasis() {
    List<Tensor> rows = targets.stream().map(t -> t.w().mul(t.scale())).toList();
    Tensor vh = Linalg.svd(Tensor.concatenate(rows, 0)).vh();
    requireRank(vh.size(0));
    return vh.narrow(0, 0, rank());
  }

  private void requireRank(int most) {
    if (rank() > most) {
      throw new IllegalArgumentException(
          "the shared factor of this cell has rank %d at most, not %d".formatted(most, rank()));
    }
  }

  /** X that minimises the error of X right: W C R^T (R C R^T)^-1. */
  private static Tensor onto(Tensor right, Tensor w, Metric metric) {
    Tensor weighted = metric.covariance().matmul(right.transpose()); // [n, D]
    Tensor normal = right.matmul(weighted);
    Tensor ridge = Tensor.eye(DType.F64, normal.size(0));
    Tensor regular = normal.add(ridge.mul(RIDGE * normal.diagonal().mean().item()));
    return Linalg.solve(regular, w.matmul(weighted).transpose()).transpose();
  }

  /**
   * Every matrix's own singular triplets, the largest of all matrices up to the rank; the diagonal
   * picks them out.
   */
  private List<List<Tensor>> triplets() {
    record Triplet(int member, double strength, Tensor left, Tensor right) {}
    List<Triplet> all = new ArrayList<>();
    for (int member = 0; member < targets.size(); member++) {
      CellTarget target = targets.get(member);
      var svd = Linalg.svd(target.w().matmul(target.metric().root()));
      Tensor right = svd.vh().matmul(target.metric().inverseRoot());
      double[] s = svd.s().toDoubles();
      for (int k = 0; k < s.length; k++) {
        double root = Math.sqrt(s[k]);
        all.add(
            new Triplet(
                member,
                s[k] * target.scale(),
                svd.u().select(1, k).mul(root),
                right.select(0, k).mul(root)));
      }
    }
    requireRank(all.size());
    all.sort(Comparator.comparingDouble(Triplet::strength).reversed());
    List<Triplet> kept = all.subList(0, rank());
    Tensor left = Tensor.stack(kept.stream().map(Triplet::left).toList(), 1);
    Tensor right = Tensor.stack(kept.stream().map(Triplet::right).toList(), 0);
    List<List<Tensor>> cells = new ArrayList<>();
    for (int member = 0; member < targets.size(); member++) {
      int m = member;
      double[] picked = kept.stream().mapToDouble(t -> t.member() == m ? 1 : 0).toArray();
      cells.add(cores(left, right, Tensor.of(picked, picked.length)));
    }
    return cells;
  }

  /** From L [m, D], R [D, n] and a bond matrix, which is left out where the shape has none. */
  private List<Tensor> cores(Tensor left, Tensor right, Tensor lambda) {
    List<Tensor> cores = new ArrayList<>();
    cores.add(left.reshape(shape.lattice().shape(0)));
    cores.add(right.transpose().reshape(shape.lattice().shape(1)));
    if (shape.bondMatrices().getFirst() != BondMatrix.NONE) {
      cores.add(lambda);
    }
    return cores;
  }

  private List<List<Tensor>> principalComponent() {
    List<Tensor> rows = targets.stream().map(t -> t.w().mul(t.scale()).reshape(1, -1)).toList();
    Tensor stacked = Tensor.concatenate(rows, 0); // [K, m n]
    var spectrum = Linalg.eigh(stacked.matmul(stacked.transpose()));
    Tensor coefficients = spectrum.vectors().select(1, targets.size() - 1L);
    Tensor component = coefficients.reshape(1, -1).matmul(stacked);
    int m = shape.lattice().matrixRows();
    int n = shape.lattice().matrixColumns();
    List<Tensor> sites =
        HierarchicalSvd.start(component.reshape(m, n), Metric.identity(n), shape.lattice()).cores();
    double[] u = coefficients.toDoubles();
    List<List<Tensor>> cells = new ArrayList<>();
    for (int member = 0; member < targets.size(); member++) {
      cells.add(member(sites, u[member] / targets.get(member).scale()));
    }
    return cells;
  }

  /** Identities on the bonds; the coefficient goes to the first tensor that is not shared. */
  private List<Tensor> member(List<Tensor> sites, double coefficient) {
    List<Tensor> cores = new ArrayList<>(sites);
    for (long[] own : shape.shapes().subList(sites.size(), shape.shapes().size())) {
      cores.add(own.length == 1 ? Tensor.full(1, DType.F64, own) : Tensor.eye(DType.F64, own[0]));
    }
    for (int core = 0; core < cores.size(); core++) {
      if (!shape.isShared(core)) {
        cores.set(core, cores.get(core).mul(coefficient));
        break;
      }
    }
    return cores;
  }
}
