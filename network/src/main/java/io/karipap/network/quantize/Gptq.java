package io.karipap.network.quantize;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.network.Metric;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Rounding with error feedback in the metric (GPTQ, Frantar, Ashkboos, Hoefler and Alistarh, ICLR
 * 2023, algorithm 1): column by column; the columns that are not rounded yet are changed so that
 * they compensate the error as well as they can. With U the upper Cholesky factor of the inverse of
 * the damped metric, (C + lambda)^-1 = U^T U, the error of column j is {@code e = (w_j - q_j) /
 * U_jj} and the columns behind it lose {@code e U_j}.
 *
 * @param damping lambda as a part of the mean of C's diagonal
 * @param activationOrder whether columns are rounded by decreasing C_jj instead of from the first
 *     to the last. Grids are then chosen from the matrix as it is given; otherwise from the group
 *     as the feedback has changed it when its first column is rounded
 */
public record Gptq(double damping, boolean activationOrder) {

  private static final int LARGEST_BLOCK = 256;

  /**
   * Checks the damping.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Gptq {
    if (!(damping > 0)) {
      throw new IllegalArgumentException("the damping must be positive, not " + damping);
    }
  }

  /** The paper's damping, 0.01, and columns in their own order. */
  public static Gptq standard() {
    return new Gptq(0.01, false);
  }

  /**
   * Rounds a matrix.
   *
   * @param w [m, n]
   * @throws IllegalArgumentException if the sizes do not fit, or a number is not finite or too
   *     large for the scales
   */
  public QuantizedTensor quantize(Tensor w, Metric metric, QuantizationScheme scheme) {
    GroupLayout groups = GroupLayout.of(scheme.group(), w.shape()).byRows();
    return quantize(w, metric.covariance(), groups, scheme);
  }

  /**
   * Rounds the rows of w.
   *
   * @param c [columns of the groups, the same], float64, positive semidefinite
   */
  public QuantizedTensor quantize(
      Tensor w, Tensor c, GroupLayout groups, QuantizationScheme scheme) {
    RoundToNearest.requireFinite(w);
    if (c.size(0) != groups.columns()) {
      throw new IllegalArgumentException(
          "rows of %d numbers cannot be rounded in a metric of size %d"
              .formatted(groups.columns(), c.size(0)));
    }
    int n = groups.columns();
    double[] weights = c.diagonal().toDoubles();
    GroupEncoder encoder = new GroupEncoder(scheme, groups);
    try (var _ = new TensorScope()) {
      int[] order = IntStream.range(0, n).toArray();
      Tensor left = w.detach().to(DType.F64).reshape(groups.rows(), n).copy();
      if (activationOrder) {
        order =
            Arrays.stream(order)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer j) -> weights[j]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        encoder.fitAll(left.toDoubles(), weights);
      }
      Tensor picked = Tensor.of(Arrays.stream(order).asLongStream().toArray(), n);
      left = left.indexSelect(1, picked);
      Tensor u = feedback(c.indexSelect(0, picked).indexSelect(1, picked));
      int block = block(groups.size());
      for (int from = 0; from < n; from += block) {
        try (var _ = new TensorScope()) {
          int size = Math.min(block, n - from);
          if (!activationOrder && from % groups.size() == 0) {
            fitGroup(left, weights, from / groups.size(), groups, encoder);
          }
          double[] columns = left.narrow(1, from, size).toDoubles();
          double[] rows = u.narrow(0, from, size).narrow(1, from, size).toDoubles();
          Tensor errors =
              Tensor.of(
                  round(columns, rows, Arrays.copyOfRange(order, from, from + size), encoder),
                  groups.rows(),
                  size);
          int behind = n - from - size;
          if (behind > 0) {
            Tensor factor = u.narrow(0, from, size).narrow(1, (long) from + size, behind);
            left.narrow(1, (long) from + size, behind).addInPlace(errors.matmul(factor), -1);
          }
        }
      }
    }
    return encoder.tensor();
  }

  private static void fitGroup(
      Tensor left, double[] weights, int group, GroupLayout groups, GroupEncoder encoder) {
    int from = group * groups.size();
    int size = groups.end(group) - from;
    double[] numbers = left.narrow(1, from, size).toDoubles();
    double[] part = Arrays.copyOfRange(weights, from, from + size);
    for (int row = 0; row < groups.rows(); row++) {
      encoder.fit(row, group, Arrays.copyOfRange(numbers, row * size, (row + 1) * size), part);
    }
  }

  /**
   * Rounds a block of columns, [rows, size], feeding errors to the columns of the block behind;
   * gives the errors.
   *
   * @param u the block's part of U [size, size]
   * @param order the matrix's columns that the block's are
   */
  private static double[] round(double[] w, double[] u, int[] order, GroupEncoder encoder) {
    int size = order.length;
    double[] errors = new double[w.length];
    for (int start = 0; start < w.length; start += size) {
      for (int j = 0; j < size; j++) {
        double rounded = encoder.encode(start / size, order[j], w[start + j]);
        double error = (w[start + j] - rounded) / u[j * size + j];
        errors[start + j] = error;
        for (int k = j + 1; k < size; k++) {
          w[start + k] -= error * u[j * size + k];
        }
      }
    }
    return errors;
  }

  /** Columns that are rounded together: a group, or an equal part of one. */
  private static int block(int group) {
    int block = Math.min(group, LARGEST_BLOCK);
    while (group % block != 0) {
      block--;
    }
    return block;
  }

  /** U of (C + lambda)^-1 = U^T U. */
  private Tensor feedback(Tensor c) {
    int n = c.size(0);
    double mean = c.diagonal().mean().item();
    Tensor one = Tensor.eye(DType.F64, n);
    Tensor damped = c.add(one.mul(mean > 0 ? damping * mean : 1));
    Tensor inverse = Linalg.choleskySolve(one, Linalg.cholesky(damped));
    Tensor symmetric = inverse.add(inverse.transpose()).mul(0.5);
    return Linalg.cholesky(symmetric).transpose().contiguous();
  }
}
