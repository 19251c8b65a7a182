package io.karipap.checkpoint.codec;

import java.util.Map;
import java.util.Optional;

/**
 * The state machine of trellis-coded quantization (Marcellin and Fischer 1990; with an entropy
 * coder Fischer and Wang 1992; with quantizers that share the zero ITU-T H.266, dependent
 * quantization).
 *
 * <p>An index k stands for one of two quantizers' levels, and the state says for which: quantizer 0
 * has 2k, quantizer 1 has 2k - sgn k. The parity of k drives the state. The machine is Ungerboeck's
 * rate 1/2 systematic feedback code for one dimension (Ungerboeck 1987, table I), with the parity
 * check polynomials h0 and h1: register bits w_1 ... w_v, the quantizer z0 = w_1, the parity z1,
 * and w_j' = w_(j+1) + h0_j z0 + h1_j z1 modulo 2.
 *
 * <p>With one state there is no trellis: one quantizer, whose level of k is k.
 */
public final class Trellis {

  /** The polynomials h0 and h1 by the number of states. */
  private static final Map<Integer, int[]> POLYNOMIALS =
      Map.of(
          4, new int[] {05, 02},
          8, new int[] {013, 04},
          16, new int[] {023, 04},
          32, new int[] {045, 010},
          64, new int[] {0103, 024},
          128, new int[] {0235, 0126},
          256, new int[] {0515, 0362});

  private final byte[] next; // by 2 state + parity: unsigned

  private Trellis(byte[] next) {
    this.next = next;
  }

  /** No trellis: plain scalar quantization. */
  public static Trellis none() {
    return new Trellis(new byte[2]);
  }

  /**
   * The trellis of some states.
   *
   * @param states 1 (no trellis), 4, 8, 16, 32, 64, 128 or 256
   * @throws IllegalArgumentException for another number
   */
  public static Trellis of(int states) {
    if (states == 1) {
      return none();
    }
    int[] h =
        Optional.ofNullable(POLYNOMIALS.get(states))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "a trellis has 1, 4, 8, 16, 32, 64, 128 or 256 states, not " + states));
    byte[] next = new byte[2 * states];
    for (int state = 0; state < states; state++) {
      for (int parity = 0; parity < 2; parity++) {
        int z0 = state & 1;
        int sum = (state >> 1) ^ (z0 * (h[0] >> 1)) ^ (parity * (h[1] >> 1));
        next[2 * state + parity] = (byte) sum;
      }
    }
    return new Trellis(next);
  }

  /** Number of states. */
  public int states() {
    return next.length / 2;
  }

  /** The state after an index, of which only the lowest bit counts. */
  public int next(int state, int k) {
    return Byte.toUnsignedInt(next[2 * state + (k & 1)]);
  }

  /** The quantizer, 0 or 1, that a state's index is for. */
  public int quantizer(int state) {
    return state & (quantizers() - 1);
  }

  /** The number of quantizers: 1 without a trellis, otherwise 2. */
  public int quantizers() {
    return states() == 1 ? 1 : 2;
  }

  /** The level of an index: an integer, in units of the step. */
  public int level(int quantizer, int k) {
    return states() == 1 ? k : 2 * k - quantizer * Integer.signum(k);
  }
}
