package io.karipap.compress.profile;

import io.karipap.model.arch.MatrixSpec;
import java.util.List;

/**
 * One matrix of the profile.
 *
 * @param matrix that is profiled
 * @param outputs o_s of the lattice that its cuts are of, empty if the grid has no lattice for it
 * @param inputs i_s of that lattice
 * @param plain entanglement of W; first between rows and columns, then across the lattice's cuts
 * @param metric entanglement of W C^(1/2), across the same cuts
 * @param rank rank that keeps the squared error in the metric at {@link Profile#ERROR}
 * @param sensitivity of the model to its compression
 */
public record MatrixProfile(
    MatrixSpec matrix,
    List<Integer> outputs,
    List<Integer> inputs,
    List<Entanglement> plain,
    List<Entanglement> metric,
    int rank,
    Sensitivity sensitivity) {

  /** Copies the lists. */
  public MatrixProfile {
    outputs = List.copyOf(outputs);
    inputs = List.copyOf(inputs);
    plain = List.copyOf(plain);
    metric = List.copyOf(metric);
  }

  /** Entanglement between rows and columns in the metric: that of the singular values of W R. */
  public Entanglement rowsAndColumns() {
    return metric.getFirst();
  }

  /**
   * Parameters of the low-rank pair of that rank as a share of the matrix's own; above 1 the matrix
   * itself is smaller.
   */
  public double share() {
    return (double) rank * (matrix.rows() + matrix.columns()) / matrix.elements();
  }

  /** Mean over the lattice's cuts of the entropy in the metric as a share of its maximum. */
  public double latticeFilling() {
    return metric.stream().skip(1).mapToDouble(Entanglement::filling).average().orElse(0);
  }
}
