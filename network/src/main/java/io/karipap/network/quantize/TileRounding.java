package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.Trellis;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * Rounds the numbers of a tile, column after column from the last one on, by the path through a
 * trellis with the least squared error plus rate. A path's own errors are fed back to the numbers
 * that it has yet to round (per-survivor processing, Raheli, Polydoros and Tzou 1995).
 */
final class TileRounding {

  /** Squared error in squared steps that a bit is worth, best at 1 to 3 bits. */
  private static final double LAMBDA_SCALAR = 0.12;

  private static final double LAMBDA_TRELLIS = 0.25;

  private final Trellis trellis;
  private final int states;
  private final int rows;
  private final int columns;
  private final Optional<double[]> lg; // L_G of the tile's rows, if it is not the identity
  private final double[] lc; // L_C of the tile's columns
  private final double lambda;
  private final int largest;
  private final double[] e; // E, by columns
  private final double[] f; // the tile's part of F = L_G^T E, by columns
  private final int[] path; // state before each row of a column, for each state after it
  private final int[] taken; // index at each row, for each state after it
  private final double[] made; // error at each row, for each state after it
  private double[] cost;
  private double[] nextCost;
  private double[][] behind; // by state: sum over rounded rows k > i of L_G[k, i] E_kj
  private double[][] nextBehind;

  /** A number's step, and the bits of its indices. */
  interface Numbers {

    double step(int row, int column);

    double[] bits(int row, int column, int quantizer);

    /** Takes what it has become. */
    void set(int row, int column, int k, int level);
  }

  TileRounding(Trellis trellis, int rows, int columns, Optional<double[]> lg, double[] lc) {
    this.trellis = trellis;
    this.rows = rows;
    this.columns = columns;
    this.lg = lg;
    this.lc = lc;
    states = trellis.states();
    lambda = lambda(trellis);
    largest = CodeLengths.largest(trellis);
    e = new double[rows * columns];
    f = new double[rows * columns];
    path = new int[rows * states];
    taken = new int[rows * states];
    made = new double[rows * states];
    cost = new double[states];
    nextCost = new double[states];
    behind = new double[states][rows];
    nextBehind = new double[states][rows];
  }

  static double lambda(Trellis trellis) {
    return trellis.quantizers() == 1 ? LAMBDA_SCALAR : LAMBDA_TRELLIS;
  }

  /**
   * Rounds all numbers.
   *
   * @param w the numbers, row-major
   * @param target the same less the feedback of other tiles
   * @param begin state of the trellis before the last row of each column; holds afterwards the one
   *     before the row above the tile
   */
  void round(double[] w, double[] target, int[] begin, Numbers numbers) {
    double[] feedback = new double[rows];
    for (int j = columns - 1; j >= 0; j--) {
      Arrays.fill(feedback, 0);
      for (int l = j + 1; l < columns; l++) {
        addProduct(feedback, lc[l * columns + j], f, l * rows, rows);
      }
      Arrays.fill(cost, Double.POSITIVE_INFINITY);
      cost[begin[j]] = 0;
      Arrays.fill(behind[begin[j]], 0);
      for (int i = rows - 1; i >= 0; i--) {
        int place = i * columns + j;
        advance(i, j, target[place] - feedback[i], w[place], numbers);
      }
      begin[j] = traced(j, numbers);
    }
  }

  /** All paths one number further. */
  private void advance(int i, int j, double target, double w, Numbers numbers) {
    double step = numbers.step(i, j);
    Arrays.fill(nextCost, Double.POSITIVE_INFINITY);
    for (int state = 0; state < states; state++) {
      if (cost[state] == Double.POSITIVE_INFINITY) {
        continue;
      }
      int q = trellis.quantizer(state);
      double[] bits = numbers.bits(i, j, q);
      double x = (target - behind[state][i]) / step;
      int sign = x < 0 ? -1 : 1;
      double a = Math.abs(x);
      int middle = Math.min(largest, (int) (states == 1 ? a + 0.5 : (a + q) / 2 + 0.5));
      for (int magnitude = Math.min(largest, middle + 1);
          magnitude >= Math.max(-1, middle - 2);
          magnitude--) {
        int k = sign * magnitude;
        double error = x - trellis.level(q, k);
        double total = cost[state] + error * error + lambda * bits[k + largest];
        int next = trellis.next(state, k);
        if (total < nextCost[next]) {
          nextCost[next] = total;
          path[i * states + next] = state;
          taken[i * states + next] = k;
        }
      }
    }
    for (int next = 0; next < states; next++) {
      if (nextCost[next] < Double.POSITIVE_INFINITY) {
        int from = path[i * states + next];
        int level = trellis.level(trellis.quantizer(from), taken[i * states + next]);
        double error = level * step - w;
        made[i * states + next] = error;
        carry(behind[from], nextBehind[next], error, i);
      }
    }
    double[] swap = cost;
    cost = nextCost;
    nextCost = swap;
    double[][] swapped = behind;
    behind = nextBehind;
    nextBehind = swapped;
  }

  /** What a path feeds back to the rows above, with the error of row i. */
  private void carry(double[] before, double[] after, double error, int i) {
    if (lg.isPresent()) {
      double[] l = lg.get();
      int row = i * rows;
      for (int k = 0; k < i; k++) {
        after[k] = before[k] + error * l[row + k];
      }
    }
  }

  /** The best path of a column, taken; returns the state that it ends in. */
  private int traced(int j, Numbers numbers) {
    int last = 0;
    for (int s = 1; s < states; s++) {
      last = cost[s] < cost[last] ? s : last;
    }
    int state = last;
    for (int i = 0; i < rows; i++) {
      int from = path[i * states + state];
      int k = taken[i * states + state];
      numbers.set(i, j, k, trellis.level(trellis.quantizer(from), k));
      e[j * rows + i] = made[i * states + state];
      state = from;
    }
    System.arraycopy(e, j * rows, f, j * rows, rows);
    if (lg.isPresent()) {
      double[] l = lg.get();
      for (int k = 1; k < rows; k++) {
        for (int i = 0; i < k; i++) {
          f[j * rows + i] += e[j * rows + k] * l[k * rows + i];
        }
      }
    }
    return last;
  }

  /** y += a x, for the first numbers of y. */
  private static void addProduct(double[] y, double a, double[] x, int from, int count) {
    for (int i = 0; i < count; i++) {
      y[i] += a * x[from + i];
    }
  }

  /** E [rows, columns]. */
  Tensor errors() {
    return Tensor.of(e, columns, rows).transpose();
  }

  /** The tile's part of F = L_G^T E [rows, columns]. */
  Tensor fed() {
    return Tensor.of(f, columns, rows).transpose();
  }
}
