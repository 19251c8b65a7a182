package io.karipap.network.lattice;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeBond;
import io.karipap.network.Pepo;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Gauge moves: a bond may carry any regular matrix G on one side and its inverse on the other, the
 * operator stays the same. Only the conditioning of fits and the error of rounding change.
 *
 * @param ends the bond's sites, and where it is in their tensors
 */
public record BondGauge(LatticeBond ends) {

  /** The gauge of a bond of a lattice. */
  public static BondGauge of(Lattice lattice, int bond) {
    return new BondGauge(LatticeBond.of(lattice, bond));
  }

  /**
   * Puts G on the first site's end of the bond and its inverse on the second's.
   *
   * @param g a regular matrix [bond, bond]
   */
  public Pepo insert(Pepo pepo, Tensor g) {
    Tensor left = firstMatrix(pepo).matmul(g);
    Tensor right = secondMatrix(pepo);
    return with(pepo, left, Linalg.solve(g, right.transpose()).transpose());
  }

  /**
   * Makes the first site an isometry towards the bond (QR) and moves the rest into the second one.
   */
  public Pepo orthogonalise(Pepo pepo) {
    Tensor left = firstMatrix(pepo);
    requireTall(left);
    var qr = Linalg.qr(left);
    Tensor right = secondMatrix(pepo);
    return with(pepo, qr.q(), right.matmul(qr.r().transpose()));
  }

  /**
   * Makes both sites' Gram matrices on the bond equal and diagonal: QR on both sides, the singular
   * values of the product of the triangles in equal parts on both. Of all gauges of this bond it
   * has the smallest sum of the two squared norms.
   */
  public Pepo balance(Pepo pepo) {
    Tensor left = firstMatrix(pepo);
    Tensor right = secondMatrix(pepo);
    requireTall(left);
    requireTall(right);
    var a = Linalg.qr(left);
    var b = Linalg.qr(right);
    var svd = Linalg.svd(a.r().matmul(b.r().transpose()));
    Tensor root = svd.s().sqrt();
    return with(
        pepo, a.q().matmul(svd.u().mul(root)), b.q().matmul(svd.vh().transpose().mul(root)));
  }

  private void requireTall(Tensor end) {
    if (end.size(0) < end.size(1)) {
      throw new IllegalArgumentException(
          "bond %d of dimension %d is larger than the rest of its site, %d: it has no QR gauge"
              .formatted(ends.bond(), end.size(1), end.size(0)));
    }
  }

  /** A site's tensor as a matrix [everything else, bond]. */
  private static Tensor matrix(Tensor core, int leg) {
    return core.transpose(leg, -1).reshape(-1, core.size(leg));
  }

  /** The first site's tensor as a matrix [everything else, bond]. */
  public Tensor firstMatrix(Pepo pepo) {
    return matrix(pepo.cores().get(ends.first()), ends.firstLeg());
  }

  /** The second site's tensor as a matrix [everything else, bond]. */
  public Tensor secondMatrix(Pepo pepo) {
    return matrix(pepo.cores().get(ends.second()), ends.secondLeg());
  }

  /**
   * The network with other tensors on the bond's two sites; the bond may have another dimension.
   *
   * @param left [everything else of the first site, new bond]
   * @param right [everything else of the second site, new bond]
   */
  public Pepo with(Pepo pepo, Tensor left, Tensor right) {
    List<Integer> bonds = new ArrayList<>(pepo.lattice().bondDimensions());
    bonds.set(ends.bond(), left.size(1));
    Lattice lattice = pepo.lattice().withBonds(bonds);
    List<Tensor> cores = new ArrayList<>(pepo.cores());
    cores.set(ends.first(), firstCore(pepo, left));
    cores.set(ends.second(), secondCore(pepo, right));
    return new Pepo(lattice, cores);
  }

  /** A matrix [everything else, new bond] as the first site's tensor, the leg of any dimension. */
  public Tensor firstCore(Pepo pepo, Tensor matrix) {
    return core(matrix, resized(pepo, ends.first(), ends.firstLeg(), matrix), ends.firstLeg());
  }

  /** A matrix [everything else, new bond] as the second site's tensor. */
  public Tensor secondCore(Pepo pepo, Tensor matrix) {
    return core(matrix, resized(pepo, ends.second(), ends.secondLeg(), matrix), ends.secondLeg());
  }

  private static long[] resized(Pepo pepo, int site, int leg, Tensor matrix) {
    long[] shape = pepo.lattice().shape(site);
    shape[leg] = matrix.size(1);
    return shape;
  }

  /** The inverse of {@link #matrix}. */
  private static Tensor core(Tensor matrix, long[] shape, int leg) {
    long[] swapped = LongStream.of(shape).toArray();
    swapped[leg] = shape[shape.length - 1];
    swapped[shape.length - 1] = shape[leg];
    return matrix.reshape(swapped).transpose(leg, -1).contiguous();
  }
}
