package io.karipap.compress.fit;

import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.fit.LowRankFit;
import io.karipap.network.fit.LowRankSeries;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.Optional;

/**
 * A matrix W and the metric in which its errors are measured: tr(G D (W-V) C (W-V)^T D), with D the
 * diagonal of the weights of rows. The only place where an error of a matrix is computed.
 *
 * @param name its name
 * @param w the matrix [m, n], float64
 * @param rows the square roots [m, 1] of the weights of its rows, where they do not all weigh the
 *     same
 * @param metric C of its inputs, and G of its outputs where errors are in nats
 */
public record WeightedMatrix(String name, Tensor w, Optional<Tensor> rows, Metric metric) {

  /** A matrix whose rows all weigh the same. */
  public static WeightedMatrix of(String name, Tensor w, Metric metric) {
    return new WeightedMatrix(name, w, Optional.empty(), metric);
  }

  /**
   * A table of vectors for every token, measured by tr(D (E-V) M (E-V)^T): how often each row is
   * used, and how its elements are felt.
   *
   * @param table E [vocabulary, d], float64
   * @param rows the diagonal of D [vocabulary], positive
   * @param elements of the metric M [d, d]
   */
  static WeightedMatrix ofTable(String name, Tensor table, Tensor rows, Metric elements) {
    return new WeightedMatrix(name, table, Optional.of(rows.sqrt().unsqueeze(1)), elements);
  }

  /** The same metric with another matrix. */
  public WeightedMatrix with(Tensor other) {
    return new WeightedMatrix(name, other, rows, metric);
  }

  /** The same with its tensors held by an owner. */
  public WeightedMatrix heldBy(TensorOwner owner) {
    return new WeightedMatrix(
        name,
        owner.own(w),
        rows.map(owner::own),
        new Metric(
            owner.own(metric.covariance()),
            owner.own(metric.root()),
            owner.own(metric.inverseRoot()),
            metric
                .output()
                .map(g ->
                    new Metric.Output(
                        owner.own(g.matrix()), owner.own(g.root()), owner.own(g.inverseRoot())))));
  }

  /** W with its rows weighted. */
  private Tensor weighted(Tensor matrix) {
    return rows.map(matrix::mul).orElse(matrix);
  }

  /** tr(G D W C W^T D) / 2: in nats, the loss of a relative squared error of 1 per token. */
  public double energy() {
    return 0.5 * metric.energy(weighted(w));
  }

  /** tr(G D E C E^T D) / 2 of an approximation's error E: in nats, what is lost per token. */
  public double loss(Tensor v) {
    return 0.5 * metric.energy(weighted(w.sub(v)));
  }

  /** The relative squared error of an approximation [m, n] in the metric, rows weighted. */
  public double squaredError(Tensor v) {
    try (var _ = new TensorScope()) {
      return metric.squaredError(weighted(w), weighted(v.to(DType.F64)));
    }
  }

  /** Square root of {@link #squaredError}. */
  public double error(Tensor v) {
    return Math.sqrt(squaredError(v));
  }

  /** The same with all outputs weighing the same. */
  public WeightedMatrix inputsOnly() {
    return new WeightedMatrix(name, w, rows, metric.withoutOutput());
  }

  /** An approximation with the manifest's line about it. */
  public FittedMatrix described(Factorization f) {
    double error = f instanceof Dense ? 0 : error(f);
    return new FittedMatrix(f, StoredFactorization.entry(name, f, error));
  }

  private double error(Factorization f) {
    try (var _ = new TensorScope()) {
      return error(f.to(DType.F64).matrix());
    }
  }

  /** The nearest matrices of all ranks in the metric, rows weighted. */
  public LowRankPairs lowRank() {
    LowRankPairs pairs = LowRankPairs.of(LowRankSeries.of(weighted(w), metric));
    return rows.map(root ->
            new LowRankPairs(
                pairs.left().div(root.to(pairs.left().dtype())),
                pairs.right(),
                pairs.squaredErrors()))
        .orElse(pairs);
  }

  /** The pair of a rank that is nearest to another matrix [m, n] in the metric, rows weighted. */
  public LowRank lowRank(Tensor other, int rank) {
    LowRank pair = (LowRank) LowRankFit.fit(weighted(other), metric, rank).factorization();
    return rows.map(root -> new LowRank(pair.left().div(root), pair.right())).orElse(pair);
  }

  /** The rounding of matrices in this metric. Must be used inside the same tensor scope. */
  public WaterFilling rounding() {
    return rows.map(root -> WaterFilling.ofRows(metric, root.square().toDoubles()))
        .orElseGet(() -> WaterFilling.of(metric, w.size(0)));
  }

  public long elements() {
    return w.elements();
  }
}
