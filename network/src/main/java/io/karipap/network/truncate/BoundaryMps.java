package io.karipap.network.truncate;

import io.karipap.network.BondGauge;
import io.karipap.network.Lattice;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Contracts the double layer of a lattice around a cut bond by boundary matrix product states
 * (Verstraete and Cirac 2004; Jordan et al. 2008): the rows above the bond are absorbed one after
 * the other into a chain of tensors whose bonds are truncated, those below it likewise, and the row
 * of the bond is contracted between the two. A vertical bond is a horizontal one of the transposed
 * lattice.
 */
final class BoundaryMps {

  /** Bond dimension chi of the boundaries, unless said otherwise. */
  static final int BOND = 48;

  /** Double-layer tensors [left, up, right, down], row by row; missing legs have dimension 1. */
  private final List<List<Tensor>> rows;

  private final int chi;

  private BoundaryMps(List<List<Tensor>> rows, int chi) {
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
  static Tensor norm(Lattice lattice, BondGauge cut, List<Tensor> sites, int chi) {
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
    return new BoundaryMps(rows, chi)
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
    List<Tensor> upper = boundary(rows.subList(0, row), false);
    List<Tensor> lower = boundary(rows.subList(row + 1, rows.size()).reversed(), true);
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
    return Tensor.einsum("bpy,bqy->pq", left, right);
  }

  /** Rows from the edge inwards as a chain of tensors [left, inward leg, right]. */
  private List<Tensor> boundary(List<List<Tensor>> absorbed, boolean fromBelow) {
    List<Tensor> chain =
        new ArrayList<>(
            Collections.nCopies(rows.getFirst().size(), Tensor.full(1, DType.F64, 1, 1, 1)));
    for (List<Tensor> row : absorbed) {
      for (int c = 0; c < chain.size(); c++) {
        Tensor site = fromBelow ? row.get(c).permute(0, 3, 2, 1) : row.get(c);
        Tensor product = Tensor.einsum("aub,lurd->aldbr", chain.get(c), site);
        chain.set(
            c,
            product.reshape(
                (long) product.size(0) * product.size(1),
                product.size(2),
                (long) product.size(3) * product.size(4)));
      }
      truncate(chain);
    }
    return chain;
  }

  /** Isometries from the left by QR, then singular values from the right, the largest chi kept. */
  private void truncate(List<Tensor> chain) {
    for (int c = 0; c + 1 < chain.size(); c++) {
      Tensor site = chain.get(c);
      var qr = Linalg.qr(site.reshape((long) site.size(0) * site.size(1), site.size(2)));
      chain.set(c, qr.q().reshape(site.size(0), site.size(1), qr.q().size(1)));
      chain.set(c + 1, Tensor.einsum("ab,bud->aud", qr.r(), chain.get(c + 1)));
    }
    for (int c = chain.size() - 1; c > 0; c--) {
      Tensor site = chain.get(c);
      var svd = Linalg.svd(site.reshape(site.size(0), (long) site.size(1) * site.size(2)));
      int kept = Math.min(chi, svd.s().size(0));
      chain.set(c, svd.vh().narrow(0, 0, kept).reshape(kept, site.size(1), site.size(2)));
      Tensor rest = svd.u().narrow(1, 0, kept).mul(svd.s().narrow(0, 0, kept));
      chain.set(c - 1, Tensor.einsum("aub,bd->aud", chain.get(c - 1), rest));
    }
  }
}
