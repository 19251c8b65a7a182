package io.karipap.compress.fit;

import io.karipap.compress.Plan;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.network.Metric;
import io.karipap.network.SharedTensors;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.cell.BestCell;
import io.karipap.network.fit.cell.CellTarget;
import io.karipap.network.fit.cell.FittedCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The joint fit of the same matrix of several blocks, which share tensors.
 *
 * @param name of the result
 * @param entries of the plan, by block
 * @param weights W of each [m, n]
 * @param metrics of each
 * @param separateError sum of the squared errors of the separate fits of the matrices, which the
 *     joint one has to be better than; infinite if there are none
 */
public record CellFitJob(
    String name,
    List<Plan.Entry> entries,
    List<Tensor> weights,
    List<MetricReference> metrics,
    double separateError,
    FitOptions options)
    implements FitJob {

  @Override
  public long elements() {
    return weights.stream().mapToLong(Tensor::elements).sum();
  }

  /** All metrics of the cell at once, twice over (scaled), and some copies of the matrices. */
  @Override
  public long memory() {
    long n = weights.getFirst().size(1);
    return 8L * entries.size() * (8 * n * n + 12 * weights.getFirst().elements());
  }

  @Override
  public List<FittedMatrix> fit(List<Metric> inputs) {
    List<CellTarget> targets = new ArrayList<>();
    for (int k = 0; k < weights.size(); k++) {
      targets.add(new CellTarget(weights.get(k).to(DType.F64), inputs.get(k)));
    }
    long budget = entries.stream().mapToLong(Plan.Entry::budget).sum();
    FittedCell fitted = BestCell.fit(targets, budget, options);
    UnaryOperator<Tensor> rounded = SharedTensors.once(core -> core.to(DType.F32));
    List<FittedMatrix> matrices = new ArrayList<>();
    for (int k = 0; k < targets.size(); k++) {
      WeightedMatrix matrix =
          WeightedMatrix.of(entries.get(k).name(), targets.get(k).w(), targets.get(k).metric());
      matrices.add(matrix.described(fitted.cells().get(k).map(rounded)));
    }
    return squaredError(matrices) < separateError ? matrices : List.of();
  }

  static double squaredError(List<FittedMatrix> matrices) {
    return matrices.stream().mapToDouble(m -> m.entry().error() * m.entry().error()).sum();
  }
}
