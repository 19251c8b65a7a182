package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.contract.PepoContraction;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of a network as a function of all its cores, written one after the other into one
 * vector.
 */
final class PepoObjective implements Lbfgs.Objective {

  private final PepoContraction contraction;
  private final MetricLoss loss;
  private final DType type;

  /**
   * The objective of one lattice.
   *
   * @param type element type that the network is contracted in; variables and gradients are float64
   */
  PepoObjective(Tensor w, Metric metric, Lattice lattice, DType type) {
    this.type = type;
    contraction = PepoContraction.ofMatrix(lattice);
    loss = new MetricLoss(w, metric, type);
  }

  @Override
  public Lbfgs.Evaluation evaluate(Tensor x) {
    Tensor variables = x.leaf();
    return loss.evaluate(contraction.matrix(cores(variables.to(type))), variables);
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
        pepo.cores().stream().map(core -> core.detach().to(DType.F64).reshape(-1)).toList(), 0);
  }
}
