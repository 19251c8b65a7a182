package io.karipap.network.rg;

import io.karipap.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * A tensor that stands for many sites of the original lattice.
 *
 * @param tensor T[l,u,r,d] with norm 1
 * @param logScale natural logarithm of what was divided out of the tensor, per original site
 * @param sites original sites that the tensor stands for
 */
public record Coarse(Tensor tensor, double logScale, double sites) {

  /** One site of the original lattice. */
  public static Coarse ofSite(Tensor site) {
    if (site.rank() != 4 || site.size(0) != site.size(2) || site.size(1) != site.size(3)) {
      throw new IllegalArgumentException(
          "a site of an infinite lattice is T[l,u,r,d] with l = r and u = d, not " + site);
    }
    return normalised(site, 0, 1);
  }

  /** The tensor that replaces a number of these. */
  Coarse next(Tensor tensor, int replaced) {
    return normalised(tensor, logScale, replaced * sites);
  }

  /** ln |Z| per original site of the torus of this one tensor, its trace being given. */
  double logZPerSite(Tensor trace) {
    return logScale + Math.log(Math.abs(trace.item())) / sites;
  }

  Coarse map(UnaryOperator<Tensor> replace) {
    return new Coarse(replace.apply(tensor), logScale, sites);
  }

  private static Coarse normalised(Tensor tensor, double logScale, double sites) {
    double norm = tensor.norm().item();
    if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a tensor of norm %s cannot be renormalized: the network is zero or overflows"
              .formatted(norm));
    }
    return new Coarse(tensor.mul(1 / norm), logScale + Math.log(norm) / sites, sites);
  }
}
