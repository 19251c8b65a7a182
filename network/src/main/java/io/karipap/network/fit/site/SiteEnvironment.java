package io.karipap.network.fit.site;

import io.karipap.network.contract.PepoContraction;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The network without the tensor A of one site. The matrix is linear in A: V[(o O), (i J)] = sum_b
 * A[o, (i b)] E[b, O, J], with the letters of {@link SiteLayout}.
 *
 * @param layout the site
 * @param environment E [b, O, J]
 */
record SiteEnvironment(SiteLayout layout, Tensor environment) {

  /** The environment of a site, the network's tensors given. */
  static SiteEnvironment of(SiteLayout layout, List<Tensor> cores) {
    List<Tensor> others = new ArrayList<>(cores);
    others.remove(layout.site());
    Tensor one = Tensor.full(1, DType.F64);
    others.add(one);
    if (others.size() == 1) {
      others.add(one);
    }
    return new SiteEnvironment(
        layout,
        PepoContraction.ofEnvironment(layout.lattice(), layout.site())
            .contract(others)
            .reshape(layout.bonds(), layout.otherOutputs(), layout.otherInputs()));
  }

  private Tensor flat() {
    return environment.reshape(layout.bonds(), -1);
  }

  /** V [m, n] from A [o, (i b)]. */
  Tensor expand(Tensor a) {
    Tensor v = a.reshape(layout.outputs() * layout.inputs(), layout.bonds()).matmul(flat());
    return layout.fold(
        v.reshape(layout.outputs(), layout.inputs(), layout.otherOutputs(), layout.otherInputs())
            .permute(0, 2, 1, 3));
  }

  /** The adjoint of {@link #expand}: from [m, n] to [o, (i b)]. */
  Tensor project(Tensor matrix) {
    return layout
        .unfold(matrix)
        .permute(0, 2, 1, 3)
        .reshape(layout.outputs() * layout.inputs(), -1)
        .matmul(flat().transpose())
        .reshape(layout.outputs(), layout.inputs() * layout.bonds());
  }

  /**
   * The matrix N [(i b), (i b)] of the quadratic form tr(V C V^T) = sum_o A[o] N A[o]^T in one row
   * o of A.
   *
   * @param c C [n, n]
   * @param output o; without padding N is the same for all
   */
  Tensor normal(Tensor c, int output) {
    long b = layout.bonds();
    long i = layout.inputs();
    long o = layout.otherOutputs();
    long j = layout.otherInputs();
    Tensor kept = environment.mul(layout.mask().select(0, output).reshape(1, -1, 1));
    Tensor metric = layout.unfoldMetric(c).permute(1, 0, 2, 3).reshape(j, i * i * j);
    return kept.reshape(b * o, j)
        .matmul(metric) // [(b O), (i i' J')]
        .reshape(b, o, i * i, j)
        .permute(2, 0, 1, 3)
        .reshape(i * i * b, o * j)
        .matmul(flat().transpose()) // [(i i' b), b']
        .reshape(i, i, b, b)
        .permute(0, 2, 1, 3)
        .reshape(i * b, i * b);
  }

  /** Elements of the largest intermediate of {@link #normal}. */
  double normalSize() {
    double i = (double) layout.inputs();
    return (double) environment.elements() * i * i;
  }
}
