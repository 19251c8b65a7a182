package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.Trellis;
import java.util.Arrays;

/**
 * The path through a trellis with the least squared error plus rate, by the Viterbi algorithm:
 *
 * <pre>sum_t (x_t - level(k_t))^2 + lambda bits(k_t | class, quantizer)</pre>
 *
 * <p>Numbers are in units of the step. Time is O(states) for a number.
 */
public final class TrellisQuantizer {

  /** Bits that an index takes. */
  @FunctionalInterface
  public interface Rate {

    /**
     * Bits of an index.
     *
     * @param position of the number in the sequence
     * @param quantizer 0 or 1
     */
    double bits(int position, int quantizer, int k);
  }

  private final Trellis trellis;
  private final int largest;

  /**
   * A quantizer.
   *
   * @param largest magnitude of an index
   */
  public TrellisQuantizer(Trellis trellis, int largest) {
    this.trellis = trellis;
    this.largest = largest;
  }

  /**
   * The best indices of a sequence that begins in state 0.
   *
   * @param x numbers in units of the step
   * @param lambda squared error, in units of the step, that a bit is worth
   */
  public int[] quantize(double[] x, double lambda, Rate rate) {
    int states = trellis.states();
    int quantizers = trellis.quantizers();
    int[][] chosen = new int[x.length][2 * quantizers]; // by 2 quantizer + parity
    byte[][] from = new byte[x.length][states]; // the state before, unsigned
    byte[][] branch = new byte[x.length][states];
    double[] cost = new double[states];
    double[] nextCost = new double[states];
    Arrays.fill(cost, 1, states, Double.POSITIVE_INFINITY);
    double[] branchCost = new double[2 * quantizers];
    for (int t = 0; t < x.length; t++) {
      for (int q = 0; q < quantizers; q++) {
        branches(x[t], t, q, lambda, rate, chosen[t], branchCost);
      }
      Arrays.fill(nextCost, Double.POSITIVE_INFINITY);
      for (int state = 0; state < states; state++) {
        for (int parity = 0; parity < 2; parity++) {
          int b = 2 * trellis.quantizer(state) + parity;
          int next = trellis.next(state, parity);
          double total = cost[state] + branchCost[b];
          if (total < nextCost[next]) {
            nextCost[next] = total;
            from[t][next] = (byte) state;
            branch[t][next] = (byte) b;
          }
        }
      }
      double[] swap = cost;
      cost = nextCost;
      nextCost = swap;
    }
    int state = 0;
    for (int s = 1; s < states; s++) {
      if (cost[s] < cost[state]) {
        state = s;
      }
    }
    int[] k = new int[x.length];
    for (int t = x.length - 1; t >= 0; t--) {
      k[t] = chosen[t][branch[t][state]];
      state = Byte.toUnsignedInt(from[t][state]);
    }
    return k;
  }

  /**
   * The best index of either parity: one of the two nearest of that parity, the next one towards
   * zero, or zero.
   */
  private void branches(
      double x, int t, int q, double lambda, Rate rate, int[] chosen, double[] costs) {
    costs[2 * q] = Double.POSITIVE_INFINITY;
    costs[2 * q + 1] = Double.POSITIVE_INFINITY;
    double scale = trellis.states() == 1 ? 1 : 2;
    int middle = (int) Math.rint(Math.clamp(x / scale, -largest, largest));
    for (int k = middle - 2; k <= middle + 2; k++) {
      tried(x, t, q, k, lambda, rate, chosen, costs);
    }
    tried(x, t, q, 0, lambda, rate, chosen, costs);
  }

  private void tried(
      double x, int t, int q, int k, double lambda, Rate rate, int[] chosen, double[] costs) {
    if (Math.abs(k) > largest) {
      return;
    }
    double error = x - trellis.level(q, k);
    double cost = error * error + lambda * rate.bits(t, q, k);
    int b = 2 * q + (k & 1);
    if (cost < costs[b]) {
      costs[b] = cost;
      chosen[b] = k;
    }
  }
}
