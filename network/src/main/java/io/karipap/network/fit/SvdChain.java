package io.karipap.network.fit;

import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a tensor into a chain of tensors by truncated singular value decompositions (TT-SVD,
 * Oseledets 2011).
 */
final class SvdChain {

  /** Singular values below this share of the largest are rounding noise. */
  private static final double ROUNDING_RATIO = 1e-12;

  /**
   * Size of the random numbers in the part of a bond that the tensor cannot fill: zeros would have
   * no gradient and stay zero.
   */
  private static final double FILL_DEVIATION = 0.1;

  private SvdChain() {}

  /**
   * Splits a tensor; singular values go in equal parts to both sides of a bond.
   *
   * @param tensor [p_1, ..., p_k], float64
   * @param bonds dimensions of the k - 1 bonds
   * @return k tensors [bond before, p_j, bond after], bond 1 at both ends
   */
  static List<Tensor> split(Tensor tensor, List<Integer> bonds) {
    long[] sizes = tensor.shape();
    List<Tensor> parts = new ArrayList<>(sizes.length);
    Tensor rest = tensor.reshape(1, -1);
    Tensor unscale =
        Tensor.full(1, DType.F64, 1); // takes back what the part before got of the singular values
    for (int j = 0; j < bonds.size(); j++) {
      long before = rest.size(0);
      var svd = Linalg.svd(rest.reshape(before * sizes[j], -1));
      int rank = rank(svd.s(), bonds.get(j));
      Tensor s = svd.s().narrow(0, 0, rank);
      Tensor part = svd.u().narrow(1, 0, rank).mul(s.sqrt()).reshape(before, sizes[j], rank);
      parts.add(part.mul(unscale.reshape(-1, 1, 1)));
      rest = s.reshape(-1, 1).mul(svd.vh().narrow(0, 0, rank));
      unscale = s.pow(-0.5);
    }
    Tensor last = rest.mul(unscale.reshape(-1, 1));
    parts.add(last.reshape(last.size(0), sizes[sizes.length - 1], 1));
    return filled(parts, bonds);
  }

  private static int rank(Tensor singularValues, int limit) {
    double[] s = singularValues.toDoubles();
    int rank = 1;
    while (rank < Math.min(limit, s.length) && s[rank] > ROUNDING_RATIO * s[0]) {
      rank++;
    }
    return rank;
  }

  private static List<Tensor> filled(List<Tensor> parts, List<Integer> bonds) {
    RandomTensors random = new RandomTensors(0);
    List<Tensor> filled = new ArrayList<>(parts.size());
    for (int j = 0; j < parts.size(); j++) {
      Tensor part = parts.get(j);
      int before = j == 0 ? 1 : bonds.get(j - 1);
      int after = j == bonds.size() ? 1 : bonds.get(j);
      if (part.size(0) < before || part.size(2) < after) {
        double rms = part.norm().item() / Math.sqrt((double) part.elements());
        Tensor whole =
            random.normal(DType.F64, before, part.size(1), after).mul(FILL_DEVIATION * rms);
        whole.narrow(0, 0, part.size(0)).narrow(2, 0, part.size(2)).copyFrom(part);
        part = whole;
      }
      filled.add(part);
    }
    return filled;
  }
}
