package io.karipap.network.truncate;

import io.karipap.network.Pepo;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;

/**
 * Truncates a bond as if the rest of the network were an isometry: the singular value decomposition
 * of its bond matrix (Jiang, Weng and Xiang, Phys. Rev. Lett. 101, 090603). Its error depends on
 * the gauge of the other bonds; {@link SuperorthogonalGauge} is a good one, and cheap.
 */
public final class SimpleUpdate {

  private SimpleUpdate() {}

  /**
   * The network with a smaller bond.
   *
   * @param bond index into {@link io.karipap.checkpoint.form.Lattice#bondDimensions}
   * @param dimension its new dimension
   * @throws IllegalArgumentException if the new dimension is not 1 to the present one
   */
  public static Pepo truncate(Pepo pepo, int bond, int dimension) {
    BondMatrix reduced = BondMatrix.of(pepo, bond);
    Pair pair = Pair.nearest(reduced.matrix(), Pair.checked(dimension, reduced));
    return reduced.with(pair.a(), pair.b());
  }

  /**
   * A bond matrix of rank D, a b^T.
   *
   * @param a [p, D]
   * @param b [q, D]
   */
  record Pair(Tensor a, Tensor b) {

    static int checked(int dimension, BondMatrix bond) {
      if (dimension < 1 || dimension > bond.dimension()) {
        throw new IllegalArgumentException(
            "bond %d of dimension %d cannot be truncated to %d"
                .formatted(bond.bond().bond(), bond.dimension(), dimension));
      }
      return Math.min(dimension, Math.min(bond.p(), bond.q()));
    }

    /** The nearest in the Frobenius norm, singular values in equal parts on both sides. */
    static Pair nearest(Tensor matrix, int rank) {
      var svd = Linalg.svd(matrix);
      Tensor root = svd.s().narrow(0, 0, rank).sqrt();
      return new Pair(
          svd.u().narrow(1, 0, rank).mul(root), svd.vh().narrow(0, 0, rank).transpose().mul(root));
    }

    Tensor matrix() {
      return a.matmul(b.transpose());
    }
  }
}
