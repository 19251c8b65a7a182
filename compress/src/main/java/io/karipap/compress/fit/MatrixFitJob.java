package io.karipap.compress.fit;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.fit.PepoFit;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/**
 * The fit of one matrix.
 *
 * @param entry its form and size
 * @param w the matrix [m, n]
 * @param rows the square roots [m, 1] of the weights of its rows; tables of which some weigh more
 *     than others become a pair of matrices
 * @param metric of its errors
 * @param start the network that the fit goes on from; several begin anew without one
 * @param fit grid and options
 */
public record MatrixFitJob(
    Plan.Entry entry,
    Tensor w,
    Optional<Tensor> rows,
    MetricReference metric,
    Optional<Pepo> start,
    MatrixFit fit)
    implements FitJob {

  @Override
  public String name() {
    return entry.name();
  }

  @Override
  public List<MetricReference> metrics() {
    return List.of(metric);
  }

  @Override
  public long elements() {
    return w.elements();
  }

  @Override
  public long memory() {
    long n = w.size(1);
    return 8 * (6 * n * n + 12 * w.elements());
  }

  @Override
  public List<FittedMatrix> fit(List<Metric> metrics) {
    WeightedMatrix matrix =
        new WeightedMatrix(entry.name(), w.to(DType.F64), rows, metrics.getFirst());
    // numbers are stored rounded: the error is that of the stored numbers
    Factorization fitted;
    try (var scope = new TensorScope()) {
      fitted = fitted(matrix).to(DType.F32).map(scope::keep);
    }
    return List.of(matrix.inputsOnly().described(fitted));
  }

  private Factorization fitted(WeightedMatrix matrix) {
    if (start.isPresent()) {
      return PepoFit.from(start.get().to(DType.F64), matrix.w(), matrix.metric(), fit.options())
          .factorization();
    }
    if (rows.isPresent()) {
      long rank = entry.budget() / (w.size(0) + w.size(1));
      return matrix.lowRank(matrix.w(), (int) Math.max(1, rank));
    }
    return fit.fit(
            entry.name(),
            matrix.w(),
            matrix.metric(),
            FactorizationKind.of(entry.form()),
            entry.budget())
        .factorization();
  }
}
