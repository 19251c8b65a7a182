package io.karipap.network.fit.cell;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.network.UnitCell;
import io.karipap.network.contract.PepoContraction;
import io.karipap.network.fit.MetricLoss;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * f = sum_l weight_l tr((W_l - V_l) C_l (W_l - V_l)^T) / tr(W_l C_l W_l^T) as a function of all
 * tensors of a cell, written one after the other into one vector: the shared ones, then the own
 * ones of each matrix.
 */
final class CellObjective implements Lbfgs.Objective {

  private final CellShape shape;
  private final List<long[]> shapes;
  private final PepoContraction contraction;
  private final List<CellTarget> targets;
  private final List<MetricLoss> losses;

  private final DType type;

  /**
   * The objective of a cell.
   *
   * @param type element type that the networks are contracted in; variables and gradients are
   *     float64
   */
  CellObjective(List<CellTarget> targets, CellShape shape, DType type) {
    this.type = type;
    this.shape = shape;
    this.targets = targets;
    shapes = shape.shapes();
    contraction = PepoContraction.ofMatrix(shape.lattice());
    losses = targets.stream().map(t -> new MetricLoss(t.w(), t.metric(), type)).toList();
  }

  @Override
  public Lbfgs.Evaluation evaluate(Tensor x) {
    Tensor variables = x.leaf();
    Tensor gradient = x.detach().zerosLike();
    double value = 0;
    for (int member = 0; member < losses.size(); member++) {
      // one member's graph at a time
      try (var _ = new TensorScope()) {
        Tensor v = contraction.matrix(UnitCell.absorb(shape, cores(variables.to(type), member)));
        Lbfgs.Evaluation own = losses.get(member).evaluate(v, variables);
        value += targets.get(member).weight() * own.value();
        gradient.addInPlace(own.gradient(), targets.get(member).weight());
      }
    }
    return new Lbfgs.Evaluation(value, gradient);
  }

  /** The tensors of one matrix in a vector of variables. */
  List<Tensor> cores(Tensor x, int member) {
    long shared = 0;
    long own = shape.parameters(1) - shape.parameters(0);
    long fresh = shape.parameters(0) + member * own;
    List<Tensor> cores = new ArrayList<>(shapes.size());
    for (int core = 0; core < shapes.size(); core++) {
      long count = elements(shapes.get(core));
      boolean common = shape.isShared(core);
      cores.add(x.narrow(0, common ? shared : fresh, count).reshape(shapes.get(core)));
      shared += common ? count : 0;
      fresh += common ? 0 : count;
    }
    return cores;
  }

  /** The vector of variables of a cell, given the tensors of each of its matrices. */
  Tensor variables(List<List<Tensor>> cells) {
    List<Tensor> parts = new ArrayList<>();
    for (int member = -1; member < cells.size(); member++) {
      List<Tensor> cores = cells.get(Math.max(0, member));
      for (int core = 0; core < cores.size(); core++) {
        if (shape.isShared(core) == (member < 0)) {
          parts.add(cores.get(core).reshape(-1));
        }
      }
    }
    return Tensor.concatenate(parts, 0);
  }

  private static long elements(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }
}
