package io.karipap.network.rg;

import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Coarse graining of an infinite square lattice by the higher-order singular value decomposition
 * (Xie, Chen, Qin, Zhu, Yang and Xiang, Phys. Rev. B 86, 045139).
 *
 * @param block the coarse-grained tensor T[l,u,r,d]
 */
public record Hotrg(Coarse block) implements RenormalizationScheme<Hotrg> {

  /** The lattice of one site tensor T[l,u,r,d]. */
  public static Hotrg of(Tensor site) {
    return new Hotrg(Coarse.ofSite(site));
  }

  /** Two sites one above the other become one, then two side by side. Cost O(chi^7). */
  @Override
  public Hotrg step(TruncationRule truncation) {
    return merged(truncation).turned().merged(truncation).turned();
  }

  /** T[l,u,r,d] of the lattice mirrored at its diagonal: rows become columns. */
  private Hotrg turned() {
    return new Hotrg(block.map(tensor -> tensor.permute(1, 0, 3, 2)));
  }

  /** T1[i,u,j,m] above T2[k,m,n,d], the pairs of legs (i,k) and (j,n) projected to one each. */
  private Hotrg merged(TruncationRule truncation) {
    Tensor t = block.tensor();
    Tensor p = projector(t, truncation); // P[i,k,l], and the same for the right legs
    Tensor half = Tensor.einsum("ikl,iujm->lujkm", p, t);
    Tensor both = Tensor.einsum("lujkm,kmnd->lujnd", half, t);
    return new Hotrg(block.next(Tensor.einsum("lujnd,jnr->lurd", both, p), 2));
  }

  /**
   * The isometry onto the leading singular vectors of the left pair of legs, or of the right pair,
   * whichever discards less (equations 9 to 13 there).
   */
  private static Tensor projector(Tensor t, TruncationRule truncation) {
    Tensor mirrored = t.permute(2, 1, 0, 3);
    Basis left = Basis.of(t, truncation);
    Basis right = Basis.of(mirrored, truncation);
    Basis best = left.discarded() <= right.discarded() ? left : right;
    return best.isometry();
  }

  /**
   * Leading eigenvectors of M M^T for M[(i,k),(u,j,n,d)].
   *
   * @param isometry [i,k,l]
   * @param discarded sum of the other eigenvalues
   */
  private record Basis(Tensor isometry, double discarded) {

    static Basis of(Tensor t, TruncationRule truncation) {
      long bond = t.size(0);
      Tensor upper = Tensor.einsum("iujm,IujM->iImM", t, t);
      Tensor lower = Tensor.einsum("kmnd,KMnd->mMkK", t, t);
      Tensor gram = Tensor.einsum("iImM,mMkK->ikIK", upper, lower).reshape(bond * bond, -1);
      Linalg.Eigh eigh = Linalg.eigh(gram);
      double[] values = eigh.values().toDoubles(); // increasing
      double[] singular = new double[values.length];
      double total = 0;
      for (int i = 0; i < values.length; i++) {
        double value = Math.max(0, values[values.length - 1 - i]);
        singular[i] = Math.sqrt(value);
        total += value;
      }
      int kept = truncation.kept(singular, total);
      double discarded = total;
      for (int i = 0; i < kept; i++) {
        discarded -= singular[i] * singular[i];
      }
      Tensor vectors = eigh.vectors().narrow(1, values.length - kept, kept);
      return new Basis(vectors.reshape(bond, bond, kept), discarded);
    }
  }

  @Override
  public double logZPerSite() {
    return block.logZPerSite(Tensor.einsum("abab->", block.tensor()));
  }

  @Override
  public Hotrg map(UnaryOperator<Tensor> replace) {
    return new Hotrg(block.map(replace));
  }
}
