package io.karipap.checkpoint.form;

import java.util.Map;
import java.util.Optional;

/**
 * Storage of numbers as integers behind an entropy coder: every matrix has a rate of its own, whole
 * or not, and every row and column a scale.
 *
 * @param states of the trellis that numbers are rounded by: more of them are slower and lose less;
 *     with one, numbers are rounded one by one, and healing trains them and not their scales alone
 */
public record EntropyCoding(int states) {

  private static final Map<String, Integer> STATES =
      Map.of("coded1", 1, "coded", 8, "coded32", 32, "coded256", 256);

  /** Labels that {@link #find} knows, for messages. */
  public static final String LABELS = "coded, coded1, coded32 and coded256";

  /**
   * Checks the states.
   *
   * @throws IllegalArgumentException if there is no label for them
   */
  public EntropyCoding {
    if (!STATES.containsValue(states)) {
      throw new IllegalArgumentException("a trellis has 1, 8, 32 or 256 states, not " + states);
    }
  }

  /** By a trellis of 8 states. */
  public static EntropyCoding standard() {
    return new EntropyCoding(8);
  }

  /** The coding of a label, if it is one. */
  public static Optional<EntropyCoding> find(String label) {
    return Optional.ofNullable(STATES.get(label)).map(EntropyCoding::new);
  }

  /** Its label. */
  public String label() {
    return states == 8 ? "coded" : "coded" + states;
  }
}
