package io.karipap.network.rg;

import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Comparator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Corner transfer matrix renormalization of an infinite lattice that looks the same after every
 * rotation and reflection (Nishino and Okunishi, J. Phys. Soc. Jpn. 65, 891).
 *
 * @param site T[l,u,r,d], invariant under the symmetries of the square
 * @param corner eigenvalues of the corner transfer matrix, [chi], by decreasing magnitude, the
 *     first one being 1
 * @param edge half-row transfer matrix E[a,u,b]: its leg to the site between those along the edge
 */
public record CtmrgC4v(Tensor site, Tensor corner, Tensor edge)
    implements RenormalizationScheme<CtmrgC4v> {

  private static final double SYMMETRY_TOLERANCE = 1e-10;

  /**
   * One site with a boundary.
   *
   * @param boundary what ends each leg of the site, [l]: it decides which phase is found where
   *     there are several
   * @throws IllegalArgumentException if the site is not symmetric
   */
  public static CtmrgC4v of(Tensor site, Tensor boundary) {
    if (!isSymmetric(site)) {
      throw new IllegalArgumentException(
          "the site tensor changes when it is rotated or reflected: use the general CTMRG");
    }
    return new CtmrgC4v(
        site, boundary.narrow(0, 0, 1).mul(0).add(1), boundary.reshape(1, boundary.size(0), 1));
  }

  /** Whether a site tensor T[l,u,r,d] is invariant under rotations and reflections. */
  public static boolean isSymmetric(Tensor site) {
    if (site.size(0) != site.size(1)) {
      return false;
    }
    double rotated = site.sub(site.permute(1, 2, 3, 0)).norm().item();
    double reflected = site.sub(site.permute(2, 1, 0, 3)).norm().item();
    return rotated + reflected <= SYMMETRY_TOLERANCE * site.norm().item();
  }

  /** Corners grow by a row and a column, edges by one site. Cost O(chi^3 d^3). */
  @Override
  public CtmrgC4v step(TruncationRule truncation) {
    // the upper left corner: C[a] E[a,u,x] above, E[a,l,y] to the left, the site between them
    Tensor row = Tensor.einsum("aux,lurd->alxrd", edge, site);
    Tensor left = edge.mul(corner.reshape(-1, 1, 1));
    Tensor grown = Tensor.einsum("aly,alxrd->ydxr", left, row);
    long size = (long) edge.size(2) * site.size(2);
    Linalg.Eigh eigh = Linalg.eigh(symmetric(grown.reshape(size, size)));
    double[] values = eigh.values().toDoubles();
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -Math.abs(values[i])))
            .mapToInt(i -> i)
            .toArray();
    double[] sizes = IntStream.of(order).mapToDouble(i -> Math.abs(values[i])).toArray();
    double total = IntStream.of(order).mapToDouble(i -> values[i] * values[i]).sum();
    int kept = truncation.kept(sizes, total);
    Tensor chosen = Tensor.of(IntStream.of(order).limit(kept).asLongStream().toArray(), kept);
    Tensor p = eigh.vectors().indexSelect(1, chosen).reshape(edge.size(2), -1, kept); // P[x,r,k]
    Tensor half = Tensor.einsum("alk,alxrd->kxrd", p, row);
    Tensor next = Tensor.einsum("kxrd,xrj->kdj", half, p);
    return new CtmrgC4v(
        site,
        eigh.values().indexSelect(0, chosen).mul(1 / values[order[0]]),
        next.mul(1 / next.norm().item()));
  }

  private static Tensor symmetric(Tensor matrix) {
    return matrix.add(matrix.transpose()).mul(0.5);
  }

  /**
   * ln |Z1 Z3 / Z2^2| with Z1 all of the environment and one site, Z2 a row less, Z3 a row and a
   * column less (Baxter, J. Stat. Phys. 19, 461).
   */
  @Override
  public double logZPerSite() {
    double three = corner.pow(4).sum().item();
    double two = capped().square().sum().item();
    return Math.log(Math.abs(withSite(site) * three / (two * two)));
  }

  /** Expectation value of an impurity T'[l,u,r,d] in the place of one site. */
  public double expectation(Tensor impurity) {
    return withSite(impurity) / withSite(site);
  }

  private double withSite(Tensor middle) {
    Tensor cap = capped();
    Tensor upper = Tensor.einsum("auc,ale->ucle", cap, edge);
    Tensor lower = Tensor.einsum("edf,crf->edcr", cap, edge);
    Tensor around = Tensor.einsum("ucle,edcr->lurd", upper, lower);
    return Tensor.einsum("lurd,lurd->", around, middle).item();
  }

  /** An edge between two corners. */
  private Tensor capped() {
    return edge.mul(corner.reshape(-1, 1, 1)).mul(corner);
  }

  @Override
  public CtmrgC4v map(UnaryOperator<Tensor> replace) {
    return new CtmrgC4v(replace.apply(site), replace.apply(corner), replace.apply(edge));
  }
}
