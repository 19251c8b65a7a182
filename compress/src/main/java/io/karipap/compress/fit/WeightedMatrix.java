package io.karipap.compress.fit;

import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.fit.LowRankFit;
import io.karipap.network.fit.LowRankSeries;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import java.util.Optional;

/**
 * What the flow knows of a matrix.
 *
 * @param name its name
 * @param w the matrix [m, n], float64
 * @param rows the square roots [m, 1] of the weights of its rows, where they do not all weigh the
 *     same
 * @param metric of fits, its output side G in nats
 * @param lowRank the nearest matrices of all ranks, in float32
 * @param energy tr(G W C W^T) / 2: the loss of a relative squared error of 1, in nats per token
 * @param networks whether it may become a tensor network; embeddings stay a pair of matrices
 */
public record WeightedMatrix(
    String name,
    Tensor w,
    Optional<Tensor> rows,
    Metric metric,
    LowRankPairs lowRank,
    double energy,
    boolean networks) {

  public static WeightedMatrix of(String name, Tensor w, Metric metric) {
    return new WeightedMatrix(
        name,
        w,
        Optional.empty(),
        metric,
        LowRankPairs.of(LowRankSeries.of(w, metric)),
        0.5 * metric.energy(w),
        true);
  }

  /**
   * A table of vectors for every token, measured by tr(D (E-V) M (E-V)^T): how often each row is
   * used, and how its elements are felt.
   *
   * @param table E [vocabulary, d], float64
   * @param rows the diagonal of D [vocabulary], positive
   * @param elements M [d, d]
   */
  static WeightedMatrix ofTable(String name, Tensor table, Tensor rows, Tensor elements) {
    Tensor root = rows.sqrt().unsqueeze(1);
    Metric metric = Metric.of(elements);
    Tensor scaled = table.mul(root);
    LowRankPairs pairs = LowRankPairs.of(LowRankSeries.of(scaled, metric));
    LowRankPairs plain =
        new LowRankPairs(
            pairs.left().div(root.to(pairs.left().dtype())), pairs.right(), pairs.squaredErrors());
    return new WeightedMatrix(
        name, table, Optional.of(root), metric, plain, 0.5 * metric.energy(scaled), false);
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
                        owner.own(g.matrix()), owner.own(g.root()), owner.own(g.inverseRoot())))),
        lowRank.map(owner::own),
        energy,
        networks);
  }

  /** The same with losses that are so many times as large. */
  public WeightedMatrix scaled(double factor) {
    return new WeightedMatrix(name, w, rows, metric, lowRank, factor * energy, networks);
  }

  /** The same, a tensor network only if it is to be. */
  public WeightedMatrix withNetworks(boolean wanted) {
    return new WeightedMatrix(name, w, rows, metric, lowRank, energy, networks && wanted);
  }

  /** The relative squared error of an approximation [m, n] in the metric, rows weighted. */
  public double squaredError(Tensor v) {
    return rows.map(root -> metric.squaredError(w.mul(root), v.to(DType.F64).mul(root)))
        .orElseGet(() -> metric.squaredError(w, v));
  }

  /** The pair of a rank that is nearest to another matrix [m, n] in the metric, rows weighted. */
  public LowRank lowRank(Tensor other, int rank) {
    Tensor scaled = rows.map(other::mul).orElse(other);
    LowRank pair = (LowRank) LowRankFit.fit(scaled, metric, rank).factorization();
    return rows.map(root -> new LowRank(pair.left().div(root), pair.right())).orElse(pair);
  }

  public long elements() {
    return w.elements();
  }
}
