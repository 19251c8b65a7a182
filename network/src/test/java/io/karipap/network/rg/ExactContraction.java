package io.karipap.network.rg;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;

/**
 * The value of a finite network without truncation: sites are absorbed one by one, row by row, into
 * the tensor of all bonds that cross the cut between absorbed and other sites.
 */
public final class ExactContraction {

  /** The most elements of an intermediate tensor: 1 GiB. */
  private static final double MAX_ELEMENTS = 1 << 27;

  private ExactContraction() {}

  /**
   * The contracted network.
   *
   * @throws IllegalArgumentException if a tensor on the way would take more than 1 GiB
   */
  public static LogNumber of(FiniteLattice lattice) {
    try (var _ = new TensorScope()) {
      FiniteLattice across = lattice.transposed();
      double down = largestCut(lattice);
      double right = largestCut(across);
      if (Math.min(down, right) > MAX_ELEMENTS) {
        throw new IllegalArgumentException(
            ("exact contraction of %d x %d sites needs a tensor of %.1e elements: use a boundary"
                    + " matrix product state")
                .formatted(lattice.rows(), lattice.columns(), Math.min(down, right)));
      }
      return contract(down <= right ? lattice : across);
    }
  }

  private static LogNumber contract(FiniteLattice lattice) {
    LogNumber scale = LogNumber.ONE;
    Tensor cut = Tensor.full(1, DType.F64, 1);
    for (List<Tensor> row : lattice.sites()) {
      try (var scope = new TensorScope()) {
        Scaled next = Scaled.of(absorb(row, cut));
        cut = scope.keep(next.tensor());
        scale = scale.times(next.norm());
      }
    }
    return scale.times(LogNumber.of(cut.item()));
  }

  /** cut[x,l,u,y] T[l,u,r,d] -> cut[x,d,r,y], x being the legs that have been passed already. */
  private static Tensor absorb(List<Tensor> row, Tensor cut) {
    long passed = 1;
    Tensor next = cut;
    for (Tensor site : row) {
      next = next.reshape(passed, site.size(0), site.size(1), -1);
      next = Tensor.einsum("xluy,lurd->xdry", next, site);
      passed *= site.size(3);
    }
    return next.reshape(-1);
  }

  private static double largestCut(FiniteLattice lattice) {
    double largest = 1;
    double cut = 1;
    for (List<Tensor> row : lattice.sites()) {
      for (Tensor site : row) {
        cut *= (double) site.size(3) / site.size(1);
        largest = Math.max(largest, cut * site.size(2));
      }
    }
    return largest;
  }
}
