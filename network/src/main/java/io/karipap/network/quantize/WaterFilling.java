package io.karipap.network.quantize;

import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;

/**
 * Rounding with feedback of its errors between columns and between rows, in steps that make every
 * number cost the same.
 *
 * <p>With C = L_C D_C L_C^T and G = L_G D_G L_G^T, unit lower triangular and diagonal, the loss of
 * E = V - W is
 *
 * <pre>tr(G E C E^T) / 2 = sum_ij dG_i dC_j N_ij^2 / 2,   N = L_G^T E L_C.</pre>
 *
 * <p>Numbers are rounded from the last row and column to the first, each after the errors behind it
 * have been fed back, so that N is the rounding error itself. Reverse water-filling (Cover and
 * Thomas, theorem 10.3.3) gives every N_ij the same loss theta, by the step sqrt(12 theta / (dG_i
 * dC_j)): a row's factor times a column's. For the input side alone WaterSIC (arXiv 2603.04956),
 * for the feedback on both sides YAQA (arXiv 2505.22988).
 *
 * <p>Tiles of rows and columns are rounded one after the other; all that comes from other tiles
 * comes by products of matrices, m n (m + n) multiply-adds together.
 */
public final class WaterFilling {

  /** Rows and columns of a tile. */
  private static final int TILE = 64;

  /**
   * Part of the mean of a side's diagonal that is added to it, so that it has a Cholesky factor.
   */
  private static final double RIDGE = 1e-6;

  private final Tensor rowFactor; // L_G [m, m]
  private final Tensor columnFactor; // L_C [n, n]
  private final double[] rowWeights; // dG
  private final double[] columnWeights; // dC

  /**
   * What numbers are rounded to.
   *
   * @param levels in units of their steps, row-major [m, n]
   * @param rowSteps and columnSteps: their product is the step of a number
   * @param matrix V [m, n], float64: levels times steps
   */
  @SuppressWarnings("ArrayRecordComponent") // compared with nothing
  public record Rounded(int[] levels, double[] rowSteps, double[] columnSteps, Tensor matrix) {}

  private WaterFilling(
      Tensor rowFactor, double[] rowWeights, Tensor columnFactor, double[] columnWeights) {
    this.rowFactor = rowFactor;
    this.rowWeights = rowWeights;
    this.columnFactor = columnFactor;
    this.columnWeights = columnWeights;
  }

  /**
   * The rounding in a metric. Must be made and used inside a tensor scope.
   *
   * @param rows m, of the matrices to be rounded
   */
  public static WaterFilling of(Metric metric, int rows) {
    Tensor g = metric.output().map(Metric.Output::matrix).orElse(Tensor.eye(DType.F64, rows));
    double[] rowWeights = new double[rows];
    Tensor rowFactor = unitLower(g, rowWeights);
    double[] columnWeights = new double[metric.covariance().size(0)];
    Tensor columnFactor = unitLower(metric.covariance(), columnWeights);
    return new WaterFilling(rowFactor, rowWeights, columnFactor, columnWeights);
  }

  /** L of A = L D L^T, unit lower triangular; the diagonal of D is put into d. */
  private static Tensor unitLower(Tensor a, double[] d) {
    Tensor regular =
        a.add(Tensor.eye(DType.F64, a.size(0)).mul(RIDGE * a.diagonal().mean().item()));
    Tensor lower = Linalg.cholesky(regular);
    double[] roots = lower.diagonal().toDoubles();
    for (int i = 0; i < d.length; i++) {
      d[i] = roots[i] * roots[i];
    }
    return lower.div(lower.diagonal()).contiguous();
  }

  /** dG: what a squared error of each row weighs when the errors behind it are fed back. */
  public double[] rowWeights() {
    return rowWeights.clone();
  }

  /** dC: the same of each column. */
  public double[] columnWeights() {
    return columnWeights.clone();
  }

  /**
   * Rounds a matrix.
   *
   * @param w [m, n], float64
   * @param theta mean loss of a number, twice nats per token where the metric is in nats
   * @param deadZone part of a step by which the interval around zero is wider on either side, 0 for
   *     rounding to the nearest
   */
  public Rounded round(Tensor w, double theta, double deadZone) {
    int m = rowWeights.length;
    int n = columnWeights.length;
    double[] rowSteps = new double[m];
    double[] columnSteps = new double[n];
    for (int i = 0; i < m; i++) {
      rowSteps[i] = Math.sqrt(12 * theta / rowWeights[i]);
    }
    for (int j = 0; j < n; j++) {
      columnSteps[j] = 1 / Math.sqrt(columnWeights[j]);
    }
    int[] levels = new int[Math.multiplyExact(m, n)];
    Tensor errors = Tensor.zeros(DType.F64, m, n); // E
    Tensor fed = Tensor.zeros(DType.F64, m, n); // F = L_G^T E
    for (int to = n; to > 0; to -= Math.min(to, TILE)) {
      int from = Math.max(0, to - TILE);
      try (var _ = new TensorScope()) {
        Tensor right = // F L_C of the columns behind
            fed.narrow(1, to, n - to).matmul(block(columnFactor, to, n, from, to));
        Tensor within = block(columnFactor, from, to, from, to);
        for (int bottom = m; bottom > 0; bottom -= Math.min(bottom, TILE)) {
          int top = Math.max(0, bottom - TILE);
          Tensor below = // L_G^T E of the rows behind
              block(rowFactor, bottom, m, top, bottom)
                  .transpose()
                  .matmul(block(errors, bottom, m, from, to));
          Tensor target =
              block(w, top, bottom, from, to)
                  .sub(below.matmul(within))
                  .sub(right.narrow(0, top, bottom - top));
          Tile tile =
              new Tile(
                  bottom - top,
                  to - from,
                  block(rowFactor, top, bottom, top, bottom).contiguous().toDoubles(),
                  within.contiguous().toDoubles());
          tile.round(
              block(w, top, bottom, from, to).contiguous().toDoubles(),
              target.contiguous().toDoubles(),
              (i, j, x) -> {
                double step = rowSteps[top + i] * columnSteps[from + j];
                int level = nearest(x / step, deadZone);
                levels[(top + i) * n + from + j] = level;
                return level * step;
              });
          block(errors, top, bottom, from, to).copyFrom(tile.errors());
          block(fed, top, bottom, from, to).copyFrom(tile.fed().add(below));
        }
      }
    }
    return new Rounded(levels, rowSteps, columnSteps, w.add(errors));
  }

  private static Tensor block(Tensor a, int top, int bottom, int from, int to) {
    return a.narrow(0, top, bottom - top).narrow(1, from, to - from);
  }

  private static int nearest(double x, double deadZone) {
    double magnitude = Math.abs(x);
    return magnitude < 0.5 + deadZone ? 0 : (int) Math.copySign(Math.rint(magnitude), x);
  }

  /** Rounds one number. */
  @FunctionalInterface
  private interface Rounding {
    double rounded(int row, int column, double x);
  }

  /** A tile, number after number from its last row and column on. */
  private static final class Tile {

    private final int rows;
    private final int columns;
    private final double[] lg; // [rows, rows]
    private final double[] lc; // [columns, columns]
    private final double[] e; // E, by columns
    private final double[] f; // the tile's part of F = L_G^T E, by columns

    Tile(int rows, int columns, double[] lg, double[] lc) {
      this.rows = rows;
      this.columns = columns;
      this.lg = lg;
      this.lc = lc;
      e = new double[rows * columns];
      f = new double[rows * columns];
    }

    /**
     * Rounds all numbers.
     *
     * @param w the numbers, row-major
     * @param target the same less the feedback of other tiles
     */
    void round(double[] w, double[] target, Rounding rounding) {
      double[] feedback = new double[rows];
      double[] behind = new double[rows]; // sum over k > i of L_G[k, i] E_kj
      for (int j = columns - 1; j >= 0; j--) {
        Arrays.fill(feedback, 0);
        Arrays.fill(behind, 0);
        for (int l = j + 1; l < columns; l++) {
          addProduct(feedback, lc[l * columns + j], f, l * rows, rows);
        }
        for (int i = rows - 1; i >= 0; i--) {
          int place = i * columns + j;
          double x = target[place] - feedback[i] - behind[i];
          double error = rounding.rounded(i, j, x) - w[place];
          e[j * rows + i] = error;
          f[j * rows + i] = error + behind[i];
          addProduct(behind, error, lg, i * rows, i);
        }
      }
    }

    /** y += a x, for the first numbers of y. */
    private static void addProduct(double[] y, double a, double[] x, int from, int count) {
      for (int i = 0; i < count; i++) {
        y[i] += a * x[from + i];
      }
    }

    Tensor errors() {
      return Tensor.of(e, columns, rows).transpose();
    }

    Tensor fed() {
      return Tensor.of(f, columns, rows).transpose();
    }
  }
}
