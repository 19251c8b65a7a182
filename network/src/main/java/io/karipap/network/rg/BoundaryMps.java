package io.karipap.network.rg;

import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A part of a finite network above a horizontal cut, as a matrix product state of the bonds that
 * cross it (Verstraete and Cirac, cond-mat/0407066; Schollwoeck, Ann. Phys. 326, 96).
 *
 * @param sites A[a,p,b] from left to right: p crosses the cut
 * @param scale what has been divided out of them
 */
public record BoundaryMps(List<Tensor> sites, LogNumber scale) {

  /** Keeps its own copy of the list. */
  public BoundaryMps {
    sites = List.copyOf(sites);
  }

  /** What is above the first row: nothing. */
  public static BoundaryMps empty(int columns) {
    return new BoundaryMps(
        Collections.nCopies(columns, Tensor.full(1, DType.F64, 1, 1, 1)), LogNumber.ONE);
  }

  /**
   * The value of a network, its rows absorbed from top to bottom: the truncation error is of first
   * order.
   */
  public static LogNumber oneSided(FiniteLattice lattice, TruncationRule truncation) {
    try (var _ = new TensorScope()) {
      return of(lattice.sites(), truncation, lattice.columns()).overlap(empty(lattice.columns()));
    }
  }

  /**
   * The value of a network, its rows absorbed from both sides to the middle, where the two meet.
   * What a half discards is orthogonal to what it keeps: the error is of second order where the
   * halves are alike, at the cost of the one-sided contraction.
   */
  public static LogNumber twoSided(FiniteLattice lattice, TruncationRule truncation) {
    try (var _ = new TensorScope()) {
      int middle = lattice.rows() / 2;
      List<List<Tensor>> below = lattice.mirrored().sites().subList(0, lattice.rows() - middle);
      return of(lattice.sites().subList(0, middle), truncation, lattice.columns())
          .overlap(of(below, truncation, lattice.columns()));
    }
  }

  private static BoundaryMps of(List<List<Tensor>> rows, TruncationRule truncation, int columns) {
    BoundaryMps state = empty(columns);
    for (List<Tensor> row : rows) {
      try (var scope = new TensorScope()) {
        BoundaryMps next = state.absorb(row).compressed(truncation);
        next.sites().forEach(scope::keep);
        state = next;
      }
    }
    return state;
  }

  /** One row more above the cut, site by site; bonds are multiplied by those of the row. */
  public BoundaryMps absorb(List<Tensor> row) {
    List<Tensor> next = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Tensor a = sites.get(i);
      Tensor t = row.get(i);
      Tensor both = Tensor.einsum("aub,lurd->aldbr", a, t);
      next.add(both.reshape((long) a.size(0) * t.size(0), t.size(3), (long) a.size(2) * t.size(2)));
    }
    return new BoundaryMps(next, scale);
  }

  /**
   * The state with smaller bonds that is nearest in norm, bond by bond: made left-canonical by QR,
   * then truncated by singular value decompositions from right to left.
   */
  public BoundaryMps compressed(TruncationRule truncation) {
    BoundaryMps canonical = leftCanonical();
    List<Tensor> next = new ArrayList<>(canonical.sites());
    for (int i = next.size() - 1; i > 0; i--) {
      Split bond = Split.of(next.get(i), "apb -> a|pb", truncation);
      next.set(i, bond.v());
      next.set(i - 1, next.get(i - 1).matmul(bond.left(1)));
    }
    return new BoundaryMps(next, canonical.scale());
  }

  private BoundaryMps leftCanonical() {
    List<Tensor> next = new ArrayList<>(sites);
    LogNumber taken = scale;
    for (int i = 0; i < next.size(); i++) {
      Scaled site = Scaled.of(next.get(i));
      taken = taken.times(site.norm());
      next.set(i, site.tensor());
      if (i < next.size() - 1) {
        long[] shape = site.tensor().shape();
        Linalg.Qr qr = Linalg.qr(site.tensor().reshape(shape[0] * shape[1], shape[2]));
        next.set(i, qr.q().reshape(shape[0], shape[1], -1));
        next.set(i + 1, Tensor.einsum("ab,bpc->apc", qr.r(), next.get(i + 1)));
      }
    }
    return new BoundaryMps(next, taken);
  }

  /** The value of the network of this part and another one that is mirrored at the cut. */
  public LogNumber overlap(BoundaryMps below) {
    LogNumber value = scale.times(below.scale);
    Tensor left = Tensor.full(1, DType.F64, 1, 1);
    for (int i = 0; i < sites.size(); i++) {
      Tensor half = Tensor.einsum("ax,apb->xpb", left, sites.get(i));
      Scaled next = Scaled.of(Tensor.einsum("xpb,xpy->by", half, below.sites().get(i)));
      left = next.tensor();
      value = value.times(next.norm());
    }
    return value.times(LogNumber.of(left.item()));
  }
}
