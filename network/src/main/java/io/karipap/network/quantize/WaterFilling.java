package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.LogScales;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.Metric;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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

  /** Largest magnitude of a level, with room for what is fed back. */
  private static final double LARGEST_LEVEL = 120;

  /** Each but the first knows what the indices of the one before cost. */
  private static final int PASSES = 3;

  /**
   * Squared step of a trellis whose numbers lose 1 each: its two quantizers' union is twice as
   * fine.
   */
  private static final double TRELLIS_STEP = 3.7;

  private final Optional<Tensor> rowFactor; // L_G [m, m], if it is not the identity
  private final Tensor columnFactor; // L_C [n, n]
  private final double[] rowWeights; // dG
  private final double[] columnWeights; // dC

  /**
   * What numbers are rounded to.
   *
   * @param trellis of the indices
   * @param classes of the numbers
   * @param indices of the trellis, row-major [m, n]
   * @param levels that they stand for, in units of their steps
   * @param rowSteps and columnSteps: their product is the step of a number
   * @param matrix V [m, n], float64: levels times steps
   */
  @SuppressWarnings("ArrayRecordComponent") // compared with nothing
  public record Rounded(
      Trellis trellis,
      NumberClasses classes,
      byte[] indices,
      byte[] levels,
      double[] rowSteps,
      double[] columnSteps,
      Tensor matrix) {

    /** The integers as they are stored. */
    public ScaledIntegers integers() {
      return new ScaledIntegers(
          List.of((long) rowSteps.length, (long) columnSteps.length),
          CodedIntegers.encode(trellis, indices, classes.rows(), classes.columns()),
          levels,
          Tensor.of(rowSteps, rowSteps.length, 1).to(DType.F32),
          Tensor.of(columnSteps, 1, columnSteps.length).to(DType.F32));
    }
  }

  private WaterFilling(
      Optional<Tensor> rowFactor,
      double[] rowWeights,
      Tensor columnFactor,
      double[] columnWeights) {
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
    double[] rowWeights = new double[rows];
    Arrays.fill(rowWeights, 1); // if no gradients are known
    Optional<Tensor> rowFactor = metric.output().map(g -> unitLower(g.matrix(), rowWeights));
    return of(rowFactor, rowWeights, metric);
  }

  /**
   * The rounding of a table whose rows have weights of their own, and no gradients.
   *
   * @param rows the weights
   */
  public static WaterFilling ofRows(Metric metric, double[] rows) {
    return of(Optional.empty(), rows.clone(), metric);
  }

  private static WaterFilling of(Optional<Tensor> rowFactor, double[] rowWeights, Metric metric) {
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
   * @param theta mean loss of a number at high rates, twice nats per token where the metric is in
   *     nats
   * @param trellis of the quantizer
   */
  public Rounded round(Tensor w, double theta, Trellis trellis) {
    double unit = trellis.quantizers() == 1 ? 12 : TRELLIS_STEP;
    double[] columnSteps = stored(steps(1, columnWeights));
    double[] rowSteps = stored(atLeast(steps(unit * theta, rowWeights), w, columnSteps));
    CodeLengths lengths = predicted(w, rowSteps, columnSteps, trellis);
    Rounded rounded = round(w, rowSteps, columnSteps, lengths);
    for (int pass = 1; pass < PASSES; pass++) {
      lengths = CodeLengths.of(trellis, rounded.indices(), rounded.classes());
      rounded = round(w, rowSteps, columnSteps, lengths);
    }
    return rounded;
  }

  private static double[] steps(double squared, double[] weights) {
    return Arrays.stream(weights).map(d -> Math.sqrt(squared / d)).toArray();
  }

  /** Steps no smaller than lets the largest number of each row be a byte. */
  private static double[] atLeast(double[] rowSteps, Tensor w, double[] columnSteps) {
    double[] numbers = numbers(w);
    int n = columnSteps.length;
    double[] steps = rowSteps.clone();
    for (int at = 0; at < numbers.length; at++) {
      double least = Math.abs(numbers[at]) / columnSteps[at % n] / LARGEST_LEVEL;
      steps[at / n] = Math.max(steps[at / n], least);
    }
    return steps;
  }

  /** Scales as they are stored. */
  private static double[] stored(double[] scales) {
    return LogScales.of(scales).values();
  }

  private static CodeLengths predicted(
      Tensor w, double[] rowSteps, double[] columnSteps, Trellis trellis) {
    int m = rowSteps.length;
    int n = columnSteps.length;
    Tensor scaled = w.div(Tensor.of(rowSteps, m, 1).matmul(Tensor.of(columnSteps, 1, n))).square();
    double[] rows = scaled.sum(1).mul(1.0 / n).sqrt().toDoubles();
    double[] columns = scaled.sum(0).mul(1.0 / m).sqrt().toDoubles();
    double all = Math.sqrt(Arrays.stream(rows).map(r -> r * r).average().orElse(0));
    for (int j = 0; j < n; j++) {
      columns[j] = all == 0 ? 0 : columns[j] / all;
    }
    return CodeLengths.predicted(trellis, rows, columns);
  }

  /** The path of least loss plus rate, in given steps. */
  Rounded round(Tensor w, double[] rowSteps, double[] columnSteps, CodeLengths lengths) {
    return new Pass(w, rowSteps, columnSteps, lengths).run();
  }

  private static Tensor block(Tensor a, int top, int bottom, int from, int to) {
    return a.narrow(0, top, bottom - top).narrow(1, from, to - from);
  }

  private static double[] numbers(Tensor a) {
    return a.contiguous().toDoubles();
  }

  /** A matrix that is being rounded, tile after tile. */
  private final class Pass {

    private final Tensor w;
    private final double[] rowSteps;
    private final double[] columnSteps;
    private final CodeLengths lengths;
    private final int m;
    private final int n;
    private final byte[] indices;
    private final byte[] levels;
    private final Tensor errors; // E
    private final Tensor fed; // F = L_G^T E

    Pass(Tensor w, double[] rowSteps, double[] columnSteps, CodeLengths lengths) {
      this.w = w;
      this.rowSteps = rowSteps;
      this.columnSteps = columnSteps;
      this.lengths = lengths;
      m = rowSteps.length;
      n = columnSteps.length;
      indices = new byte[Math.multiplyExact(m, n)];
      levels = new byte[m * n];
      errors = Tensor.zeros(DType.F64, m, n);
      fed = Tensor.zeros(DType.F64, m, n);
    }

    Rounded run() {
      // where rows do not feed back, a column is one path from its end to its beginning
      int height = rowFactor.isPresent() ? TILE : m;
      for (int to = n; to > 0; to -= Math.min(to, TILE)) {
        int from = Math.max(0, to - TILE);
        int[] states = new int[to - from];
        try (var _ = new TensorScope()) {
          Tensor behind = // F L_C of the columns behind
              fed.narrow(1, to, n - to).matmul(block(columnFactor, to, n, from, to));
          for (int bottom = m; bottom > 0; bottom -= Math.min(bottom, height)) {
            tile(Math.max(0, bottom - height), bottom, from, to, behind, states);
          }
        }
      }
      return new Rounded(
          lengths.trellis(),
          NumberClasses.of(levels, m, n),
          indices,
          levels,
          rowSteps,
          columnSteps,
          w.add(errors));
    }

    private void tile(int top, int bottom, int from, int to, Tensor behind, int[] states) {
      Tensor within = block(columnFactor, from, to, from, to);
      Tensor below = // L_G^T E of the rows behind
          rowFactor
              .map(l ->
                  block(l, bottom, m, top, bottom)
                      .transpose()
                      .matmul(block(errors, bottom, m, from, to)))
              .orElseGet(() -> Tensor.zeros(DType.F64, bottom - top, to - from));
      Tensor target =
          block(w, top, bottom, from, to)
              .sub(below.matmul(within))
              .sub(behind.narrow(0, top, bottom - top));
      TileRounding tile =
          new TileRounding(
              lengths.trellis(),
              bottom - top,
              to - from,
              rowFactor.map(l -> numbers(block(l, top, bottom, top, bottom))),
              numbers(within));
      tile.round(numbers(block(w, top, bottom, from, to)), numbers(target), states, at(top, from));
      block(errors, top, bottom, from, to).copyFrom(tile.errors());
      block(fed, top, bottom, from, to).copyFrom(tile.fed().add(below));
    }

    /** The numbers of the tile that begins at a row and a column. */
    private TileRounding.Numbers at(int top, int from) {
      return new TileRounding.Numbers() {
        @Override
        public double step(int row, int column) {
          return rowSteps[top + row] * columnSteps[from + column];
        }

        @Override
        public double[] bits(int row, int column, int quantizer) {
          return lengths.of(top + row, from + column, quantizer);
        }

        @Override
        public void set(int row, int column, int k, int level) {
          int place = (top + row) * n + from + column;
          indices[place] = (byte) k;
          levels[place] = (byte) level;
        }
      };
    }
  }
}
