package io.karipap.bench.forms;

import io.karipap.tensor.Tensor;
import java.util.Optional;

/**
 * A matrix that forms are compared on.
 *
 * @param name as stored
 * @param family the table has means over a family: matrices that differ only in their block
 * @param block number of its block, -1 if it has none
 * @param w [m, n]
 * @param covariance of its inputs; the identity if none is known
 * @param gauged the same layer in the basis that the model's symmetries give, if it is a model's
 */
record BenchmarkMatrix(
    String name,
    String family,
    int block,
    Tensor w,
    Optional<Tensor> covariance,
    Optional<Gauged> gauged) {

  /** A matrix and the covariance of its inputs in another basis; errors are the same there. */
  record Gauged(Tensor w, Tensor covariance) {}

  /** The number of parameters for a share: that of a low-rank pair, rank (m + n). */
  long budget(double share) {
    long unit = (long) w.size(0) + w.size(1);
    return Math.max(1, Math.round(share * w.elements() / unit)) * unit;
  }
}
