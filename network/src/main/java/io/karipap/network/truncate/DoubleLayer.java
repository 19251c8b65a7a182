package io.karipap.network.truncate;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.contract.ContractionOrder;
import io.karipap.network.contract.PepoContraction;
import io.karipap.network.fit.KroneckerMetric;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The norm matrix of a bond with the Kronecker part of the metric: every site is multiplied by the
 * roots of its own factors, and two layers of the network are contracted with each other.
 */
final class DoubleLayer {

  /** The double layer is contracted exactly up to this many multiplications. */
  private static final double MAX_EXACT_MULTIPLICATIONS = 1e10;

  private DoubleLayer() {}

  /**
   * A norm matrix.
   *
   * @param norm [p q, p q], symmetric
   * @param contraction how it was made
   */
  record Norm(Tensor norm, Contraction contraction) {}

  static Norm norm(BondMatrix bond, Metric metric) {
    Lattice lattice = bond.pepo().lattice();
    List<Tensor> sites = weighted(bond.cutCores(), lattice, metric);
    long size = (long) bond.p() * bond.q();
    ContractionOrder order =
        PepoContraction.ofDoubleLayer(lattice, bond.bond(), bond.p(), bond.q());
    if (order.multiplications() <= MAX_EXACT_MULTIPLICATIONS) {
      List<Tensor> layers = new ArrayList<>(sites);
      layers.addAll(sites);
      return new Norm(symmetric(order.contract(layers).reshape(size, size)), Contraction.KRONECKER);
    }
    Tensor norm = DoubleLayerBoundary.norm(lattice, bond.bond(), sites, DoubleLayerBoundary.BOND);
    return new Norm(symmetric(norm.reshape(size, size)), Contraction.BOUNDARY_MPS);
  }

  private static Tensor symmetric(Tensor norm) {
    return norm.add(norm.transpose()).mul(0.5);
  }

  private static List<Tensor> weighted(List<Tensor> cores, Lattice lattice, Metric metric) {
    var outputs = KroneckerMetric.outputs(metric, lattice);
    var inputs = KroneckerMetric.inputs(metric, lattice);
    List<Tensor> sites = new ArrayList<>(cores.size());
    for (int s = 0; s < cores.size(); s++) {
      long[] shape = cores.get(s).shape();
      Tensor core = cores.get(s).reshape(shape[0], shape[1], -1);
      sites.add(
          Tensor.einsum("ao,bi,oir->abr", outputs.get(s).root(), inputs.get(s).root(), core)
              .reshape(shape));
    }
    return sites;
  }
}
