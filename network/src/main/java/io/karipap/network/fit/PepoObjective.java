package io.karipap.network.fit;

import io.karipap.network.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.PepoContraction;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * f = tr((V - W) C (V - W)^T) / tr(W C W^T) as a function of all cores of V, written one after the other into one vector.
 */
final class PepoObjective implements Lbfgs.Objective {

  private final PepoContraction contraction;
  private final Tensor w;
  private final Tensor covariance;
  private final double energy;

  PepoObjective(Tensor w, Metric metric, Lattice lattice) {
    this.w = w.detach().to(DType.F64);
    contraction = PepoContraction.ofMatrix(lattice);
    covariance = metric.covariance();
    energy = metric.energy(this.w);
  }

  /**
   * Value and gradient. With D = V - W the derivative by V is 2 D C / tr(W C W^T), so only the contraction of the network is
   * left to automatic differentiation.
   */
  @Override
  public Lbfgs.Evaluation evaluate(Tensor x) {
    Tensor variables = x.leaf();
    Tensor v = contraction.matrix(cores(variables));
    Tensor difference = v.detach().sub(w);
    Tensor weighted = difference.matmul(covariance).mul(1 / energy);
    double value = difference.mul(weighted).sum().item();
    Tensor gradient =
        Autograd.gradients(v.mul(weighted).sum(), List.of(variables)).getFirst().mul(2);
    return new Lbfgs.Evaluation(value, gradient);
  }

  /** The cores in a vector of variables. */
  List<Tensor> cores(Tensor x) {
    Lattice lattice = contraction.lattice();
    List<Tensor> cores = new ArrayList<>(lattice.sites());
    long offset = 0;
    for (int site = 0; site < lattice.sites(); site++) {
      long count = lattice.parameters(site);
      cores.add(x.narrow(0, offset, count).reshape(lattice.shape(site)));
      offset += count;
    }
    return cores;
  }

  /** The vector of variables of a network. */
  static Tensor variables(Pepo pepo) {
    return Tensor.concatenate(
        pepo.cores().stream().map(core -> core.to(DType.F64).reshape(-1)).toList(), 0);
  }
}
