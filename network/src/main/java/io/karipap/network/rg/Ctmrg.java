package io.karipap.network.rg;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Corner transfer matrix renormalization of an infinite lattice without symmetries, by directional
 * moves (Orus and Vidal, Phys. Rev. B 80, 094403) with the projectors of Corboz, Rice and Troyer
 * (Phys. Rev. Lett. 113, 046402).
 *
 * @param site T[l,u,r,d]
 * @param corners C[a,b] clockwise from the top left one: a to the edge before, b to the edge behind
 * @param edges E[a,p,b] clockwise from the top one: p to the site
 */
public record Ctmrg(Tensor site, List<Tensor> corners, List<Tensor> edges)
    implements RenormalizationScheme<Ctmrg> {

  /** Keeps its own copies of the lists. */
  public Ctmrg {
    corners = List.copyOf(corners);
    edges = List.copyOf(edges);
  }

  /**
   * One site with a boundary.
   *
   * @param boundary what ends the legs l, u, r, d of the site, each a vector
   */
  public static Ctmrg of(Tensor site, List<Tensor> boundary) {
    List<Tensor> edges =
        Stream.of(1, 2, 3, 0)
            .map(leg -> boundary.get(leg).reshape(1, boundary.get(leg).size(0), 1))
            .toList();
    return new Ctmrg(site, Collections.nCopies(4, Tensor.full(1, DType.F64, 1, 1)), edges);
  }

  /** A column is absorbed on the left, a row above, a column on the right, a row below. */
  @Override
  public Ctmrg step(TruncationRule truncation) {
    Ctmrg state = this;
    for (int side = 0; side < 4; side++) {
      state = state.leftMove(truncation).turned();
    }
    return state;
  }

  /** The lattice turned by 90 degrees counterclockwise: what was above is on the left. */
  private Ctmrg turned() {
    return new Ctmrg(site.permute(1, 2, 3, 0), turned(corners), turned(edges));
  }

  private static List<Tensor> turned(List<Tensor> clockwise) {
    return Stream.concat(clockwise.stream().skip(1), clockwise.stream().limit(1)).toList();
  }

  private Ctmrg leftMove(TruncationRule truncation) {
    Projectors p = Projectors.of(upperHalf(), lowerHalf(), truncation);
    Tensor upper = p.upper().reshape(edges.get(3).size(0), -1, p.bond()); // legs of a row's end
    Tensor lower = p.lower().reshape(upper.shape());
    Tensor top = Tensor.einsum("ab,bux->aux", corners.get(0), edges.get(0));
    Tensor topCorner = Tensor.einsum("auk,aux->kx", upper, top);
    Tensor bottom = Tensor.einsum("xdy,yc->xdc", edges.get(2), corners.get(3));
    Tensor bottomCorner = Tensor.einsum("xdc,cdk->xk", bottom, lower);
    Tensor end = Tensor.einsum("cla,auk->cluk", edges.get(3), lower);
    Tensor row = Tensor.einsum("cluk,lurd->ckrd", end, site);
    Tensor edge = Tensor.einsum("cdj,ckrd->jrk", upper, row);
    return new Ctmrg(
        site,
        List.of(unit(topCorner), corners.get(1), corners.get(2), unit(bottomCorner)),
        List.of(edges.get(0), edges.get(1), edges.get(2), unit(edge)));
  }

  /** The two upper quarters, [left end of the cut, right end]. */
  private Tensor upperHalf() {
    return quarter().matmul(turned().quarter());
  }

  /** The two lower quarters, [left end of the cut, right end]. */
  private Tensor lowerHalf() {
    Ctmrg half = turned().turned();
    return half.quarter().matmul(half.turned().quarter()).transpose();
  }

  /** Top left corner with its edges and a site: [(c,d) downwards, (x,r) to the right]. */
  private Tensor quarter() {
    Tensor top = Tensor.einsum("ab,bux->aux", corners.get(0), edges.get(0));
    Tensor left = Tensor.einsum("cla,aux->clux", edges.get(3), top);
    Tensor grown = Tensor.einsum("clux,lurd->cdxr", left, site);
    return grown.reshape((long) grown.size(0) * grown.size(1), -1);
  }

  /**
   * The pair that truncates a cut best as the whole environment sees it.
   *
   * @param upper [cut, bond], to be put on what is above the cut
   * @param lower [cut, bond], to be put on what is below
   */
  private record Projectors(Tensor upper, Tensor lower) {

    static Projectors of(Tensor above, Tensor below, TruncationRule truncation) {
      // above^T below = U S V: P = below V^T S^(-1/2), P~ = above U S^(-1/2), P P~^T ~ 1
      Split ring = Split.of(unit(above).transpose().matmul(unit(below)), "ab -> a|b", truncation);
      return new Projectors(
          unit(below).matmul(ring.right(-0.5).transpose()), unit(above).matmul(ring.left(-0.5)));
    }

    int bond() {
      return upper.size(1);
    }
  }

  private static Tensor unit(Tensor tensor) {
    return tensor.mul(1 / tensor.norm().item());
  }

  /** ln |Z1 Z3 / (Z2 Z2')|, as in {@link CtmrgC4v#logZPerSite()}. */
  @Override
  public double logZPerSite() {
    Tensor right = corners.get(1).matmul(corners.get(2));
    Tensor left = corners.get(3).matmul(corners.get(0));
    double three = Tensor.einsum("ab,ba->", left, right).item();
    Tensor top = Tensor.einsum("ab,buc->auc", left, edges.get(0));
    Tensor bottom = Tensor.einsum("cd,due->cue", right, edges.get(2));
    double withoutRow = Tensor.einsum("auc,cua->", top, bottom).item();
    Tensor upper = corners.get(0).matmul(corners.get(1));
    Tensor lower = corners.get(2).matmul(corners.get(3));
    Tensor east = Tensor.einsum("ab,brc->arc", upper, edges.get(1));
    Tensor west = Tensor.einsum("cd,dre->cre", lower, edges.get(3));
    double withoutColumn = Tensor.einsum("arc,cra->", east, west).item();
    return Math.log(Math.abs(withSite(site) * three / (withoutRow * withoutColumn)));
  }

  /** Expectation value of an impurity T'[l,u,r,d] in the place of one site. */
  public double expectation(Tensor impurity) {
    return withSite(impurity) / withSite(site);
  }

  private double withSite(Tensor middle) {
    Tensor upper = side(0); // [a,u,b]
    Tensor right = edges.get(1);
    Tensor lower = side(2); // [c,d,e]
    Tensor east = Tensor.einsum("aub,brc->aurc", upper, right);
    Tensor west = Tensor.einsum("cde,ela->cdla", lower, edges.get(3));
    Tensor around = Tensor.einsum("aurc,cdla->lurd", east, west);
    return Tensor.einsum("lurd,lurd->", around, middle).item();
  }

  /** An edge between its two corners. */
  private Tensor side(int edge) {
    Tensor start = Tensor.einsum("ab,bpc->apc", corners.get(edge), edges.get(edge));
    return Tensor.einsum("apc,cd->apd", start, corners.get((edge + 1) % 4));
  }

  @Override
  public Ctmrg map(UnaryOperator<Tensor> replace) {
    return new Ctmrg(
        replace.apply(site),
        corners.stream().map(replace).toList(),
        edges.stream().map(replace).toList());
  }
}
