package io.karipap.network.truncate;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.contract.PepoContraction;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The environment of a bond: f = tr(G (V - W) C (V - W)^T) as a quadratic form B N B - 2 b B +
 * const in the bond matrix B, where V = sum_pq B[p, q] V_pq.
 *
 * <p>N[(pq), (p'q')] = tr(G V_pq C V_p'q'^T) is the double layer of the network without the bond.
 * Where the matrices V_pq are few it is contracted exactly. Otherwise the metric is replaced by its
 * Kronecker part, which acts on every site alone and leaves a closed two-dimensional network of
 * double-layer tensors. The derivative of f at the present B is exact in both cases, so that the
 * form leads towards W, and not only to the present V.
 *
 * @param norm N [p q, p q], positive semidefinite
 * @param target b [p, q]
 * @param contraction how N was made
 * @param error ||N B - N' B|| / ||N B|| of the N' that is used against the exact one, at the
 *     present bond matrix B; 0 for an exact one
 */
record BondEnvironment(Tensor norm, Tensor target, Contraction contraction, double error) {

  /** N is contracted exactly up to this many elements of all matrices V_pq: 128 MiB. */
  static final long EXACT_ELEMENTS = 1L << 24;

  /**
   * The environment of a bond.
   *
   * @param exactElements the most elements of all matrices V_pq for an exact contraction
   */
  static BondEnvironment of(BondMatrix bond, Tensor w, Metric metric, long exactElements) {
    Tensor v = bond.pepo().matrix();
    Tensor exact = project(bond, metric.weigh(v)); // N B
    Tensor slope = exact.sub(project(bond, metric.weigh(w))); // N B - b
    long elements = v.elements() * bond.p() * bond.q();
    if (elements <= exactElements) {
      Tensor norm = exactNorm(bond, metric);
      return new BondEnvironment(norm, exact.sub(slope), Contraction.EXACT, 0);
    }
    var approximation = DoubleLayer.norm(bond, metric);
    Tensor raw = approximation.norm();
    Tensor image = raw.matmul(bond.matrix().reshape(-1)).reshape(bond.p(), bond.q());
    // of all multiples of N' the one that is nearest at B
    double scale = image.mul(exact).sum().item() / image.square().sum().item();
    Tensor scaled = image.mul(scale);
    double error = scaled.sub(exact).norm().item() / exact.norm().item();
    return new BondEnvironment(
        raw.mul(scale), scaled.sub(slope), approximation.contraction(), error);
  }

  /** f - const at a bond matrix. */
  double value(Tensor b) {
    Tensor flat = b.reshape(-1);
    return flat.dot(norm.matmul(flat)).item() - 2 * b.mul(target).sum().item();
  }

  private static Tensor exactNorm(BondMatrix bond, Metric metric) {
    Lattice lattice = bond.pepo().lattice();
    try (var scope = new TensorScope()) {
      Tensor all =
          PepoContraction.ofCutBondMatrices(lattice, bond.bond(), bond.p(), bond.q())
              .contract(bond.cutCores())
              .reshape(-1, lattice.paddedRows(), lattice.paddedColumns())
              .narrow(1, 0, lattice.matrixRows())
              .narrow(2, 0, lattice.matrixColumns());
      Tensor whitened = metric.whiten(all).reshape((long) bond.p() * bond.q(), -1);
      return scope.keep(whitened.matmul(whitened.transpose()));
    }
  }

  /** sum A V_pq over all elements of a matrix A [m, n]: [p, q]. */
  private static Tensor project(BondMatrix bond, Tensor a) {
    Lattice lattice = bond.pepo().lattice();
    long[] legs =
        LongStream.concat(
                lattice.outputs().stream().mapToLong(Integer::longValue),
                lattice.inputs().stream().mapToLong(Integer::longValue))
            .toArray();
    List<Tensor> operands = new ArrayList<>(bond.cutCores());
    operands.add(a.padTo(lattice.paddedRows(), lattice.paddedColumns()).reshape(legs));
    return PepoContraction.ofCutBond(lattice, bond.bond(), bond.p(), bond.q()).contract(operands);
  }
}
