package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A change of variables that makes the mean metric of a joint fit nearly the identity, so that
 * gradients point to the minimum: the inputs of every site are multiplied by the square root of the
 * metric's Kronecker factor there. With two sites that is the whole metric.
 *
 * @param lattice of the network
 * @param factors one for every site
 */
public record InputScaling(Lattice lattice, List<KroneckerMetric.Factor> factors) {

  public static InputScaling of(Tensor meanCovariance, Lattice lattice) {
    return new InputScaling(lattice, KroneckerMetric.factors(meanCovariance, lattice.inputs()));
  }

  /** The lattice of scaled tensors: the padding of the inputs is no longer zero. */
  public Lattice scaledLattice() {
    return new Lattice(
        lattice.rows(),
        lattice.columns(),
        lattice.outputs(),
        lattice.inputs(),
        lattice.horizontalBonds(),
        lattice.verticalBonds(),
        lattice.matrixRows(),
        lattice.paddedColumns());
  }

  /** A matrix [m, n] in the scaled variables: W K, K the product of the roots. */
  public Tensor matrix(Tensor w) {
    return rows(w.padTo(lattice.matrixRows(), lattice.paddedColumns()), false);
  }

  /** Its metric in the scaled variables: K^-1 C K^-1. */
  public Metric metric(Metric metric) {
    int n = lattice.paddedColumns();
    Tensor half = rows(metric.covariance().padTo(n, n), true).transpose();
    Metric inputs = Metric.of(rows(half, true));
    return new Metric(inputs.covariance(), inputs.root(), inputs.inverseRoot(), metric.output());
  }

  /** Rows [k, n] times K, or its inverse. */
  private Tensor rows(Tensor rows, boolean inverse) {
    int sites = lattice.sites();
    long[] legs = new long[1 + sites];
    legs[0] = rows.size(0);
    for (int site = 0; site < sites; site++) {
      legs[1 + site] = lattice.inputs().get(site);
    }
    Tensor t = rows.reshape(legs);
    for (int site = 0; site < sites; site++) {
      KroneckerMetric.Factor factor = factors.get(site);
      Tensor matrix = inverse ? factor.inverse() : factor.root();
      t = t.transpose(1 + site, -1).matmul(matrix).transpose(1 + site, -1);
    }
    return t.reshape(rows.size(0), -1);
  }

  /** Site tensors [o, i, bonds], followed by others, in the scaled variables. */
  public List<Tensor> scaled(List<Tensor> cores) {
    return times(cores, false);
  }

  /** The inverse of {@link #scaled}. */
  public List<Tensor> unscaled(List<Tensor> cores) {
    return times(cores, true);
  }

  private List<Tensor> times(List<Tensor> cores, boolean inverse) {
    List<Tensor> result = new ArrayList<>(cores);
    for (int site = 0; site < lattice.sites(); site++) {
      KroneckerMetric.Factor factor = factors.get(site);
      Tensor matrix = inverse ? factor.inverse() : factor.root();
      result.set(
          site, cores.get(site).transpose(1, -1).matmul(matrix).transpose(1, -1).contiguous());
    }
    return result;
  }
}
