package io.karipap.network.truncate;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeBond;
import io.karipap.network.rg.BoundaryMps;
import io.karipap.network.rg.LogNumber;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Contracts the double layer of a lattice around a cut bond by boundary matrix product states
 * (Verstraete and Cirac 2004; Jordan et al. 2008): the rows above the bond are absorbed one after
 * the other into a chain of tensors whose bonds are truncated, those below it likewise, and the row
 * of the bond is contracted between the two. A vertical bond is a horizontal one of the transposed
 * lattice.
 */
final class DoubleLayerBoundary {

  /** Default bond dimension chi of the boundaries. */
  static final int BOND = 48;

  /** Double-layer tensors [left, up, right, down], row by row; missing legs have dimension 1. */
  private final List<List<Tensor>> rows;

  private final int chi;

  private DoubleLayerBoundary(List<List<Tensor>> rows, int chi) {
    this.rows = rows;
    this.chi = chi;
  }

  /**
   * The norm matrix.
   *
   * @param sites tensors of one layer, those of the cut bond with its ends p and q
   * @param chi the largest bond dimension of a boundary
   * @return [p, q, p', q']
   */
  static Tensor norm(Lattice lattice, LatticeBond cut, List<Tensor> sites, int chi) {
    boolean transposed = cut.first() / lattice.columns() != cut.second() / lattice.columns();
    int height = transposed ? lattice.columns() : lattice.rows();
    int width = transposed ? lattice.rows() : lattice.columns();
    List<List<Tensor>> rows = new ArrayList<>();
    for (int row = 0; row < height; row++) {
      List<Tensor> tensors = new ArrayList<>();
      for (int column = 0; column < width; column++) {
        int site = transposed ? column * lattice.columns() + row : row * lattice.columns() + column;
        tensors.add(doubled(lattice, site, sites.get(site), transposed));
      }
      rows.add(tensors);
    }
    int row = transposed ? cut.first() % lattice.columns() : cut.first() / lattice.columns();
    int column = transposed ? cut.first() / lattice.columns() : cut.first() % lattice.columns();
    long p = sites.get(cut.first()).size(cut.firstLeg());
    long q = sites.get(cut.second()).size(cut.secondLeg());
    return new DoubleLayerBoundary(rows, chi)
        .around(row, column)
        .reshape(p, p, q, q)
        .permute(0, 2, 1, 3)
        .contiguous();
  }

  /** sum_x T[x, l, u, r, d] T[x, l', u', r', d'] with every pair of legs as one. */
  private static Tensor doubled(Lattice lattice, int site, Tensor core, boolean transposed) {
    long[] shape = core.shape();
    int row = site / lattice.columns();
    int column = site % lattice.columns();
    boolean[] there = {
      column > 0, row > 0, column < lattice.columns() - 1, row < lattice.rows() - 1
    };
    long[] legs = new long[5];
    legs[0] = shape[0] * shape[1];
    int next = 2;
    for (int k = 0; k < 4; k++) {
      legs[1 + k] = there[k] ? shape[next++] : 1;
    }
    Tensor plain = core.reshape(legs);
    Tensor t = transposed ? plain.permute(0, 2, 1, 4, 3) : plain;
    return Tensor.einsum("xlurd,xLURD->lLuUrRdD", t, t)
        .reshape(square(t.size(1)), square(t.size(2)), square(t.size(3)), square(t.size(4)));
  }

  private static long square(long size) {
    return size * size;
  }

  /** [(p p'), (q q')] of the bond between a column of a row and the next one. */
  private Tensor around(int row, int column) {
    BoundaryMps above = boundary(rows.subList(0, row), false);
    BoundaryMps below = boundary(rows.subList(row + 1, rows.size()).reversed(), true);
    List<Tensor> upper = above.sites();
    List<Tensor> lower = below.sites();
    LogNumber scale = above.scale().times(below.scale());
    List<Tensor> middle = rows.get(row);
    Tensor left = Tensor.full(1, DType.F64, 1, 1, 1);
    for (int c = 0; c <= column; c++) {
      left =
          Tensor.einsum("alx,aub,lurd,xdy->bry", left, upper.get(c), middle.get(c), lower.get(c));
    }
    Tensor right = Tensor.full(1, DType.F64, 1, 1, 1);
    for (int c = middle.size() - 1; c > column; c--) {
      right =
          Tensor.einsum("bry,aub,lurd,xdy->alx", right, upper.get(c), middle.get(c), lower.get(c));
    }
    return Tensor.einsum("bpy,bqy->pq", left, right).mul(scale.sign() * Math.exp(scale.log()));
  }

  /** Rows from the edge inwards, their bonds truncated. */
  private BoundaryMps boundary(List<List<Tensor>> absorbed, boolean fromBelow) {
    BoundaryMps state = BoundaryMps.empty(rows.getFirst().size());
    for (List<Tensor> row : absorbed) {
      List<Tensor> sites =
          fromBelow ? row.stream().map(site -> site.permute(0, 3, 2, 1)).toList() : row;
      state = state.absorb(sites).compressed(io.karipap.network.rg.TruncationRule.toBond(chi));
    }
    return state;
  }
}
