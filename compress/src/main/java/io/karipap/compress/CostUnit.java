package io.karipap.compress;

import java.util.Locale;

/** The unit that a budget is counted in. */
public enum CostUnit {
  /** Stored numbers, scales and zero points included. */
  PARAMETERS,
  /** Bytes as they are written. */
  BYTES,
  /**
   * Multiplications for each token: a network costs as much as its contracted matrix if that is
   * cheaper.
   */
  OPERATIONS,
  /**
   * Bytes read for each token: all weights, but only the rows of the embeddings that are looked up.
   */
  READS,
  /** Measured time of a generated token, in nanoseconds. */
  TIME;

  /** Its name in messages. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether networks of many sites can cost less than dense matrices; contracted, they need as many
   * multiplications.
   */
  public boolean paysNetworks() {
    return switch (this) {
      case PARAMETERS, BYTES, READS -> true;
      case OPERATIONS, TIME -> false;
    };
  }

  /** Whether quantized numbers cost less. */
  public boolean paysCodes() {
    return switch (this) {
      case BYTES, READS -> true;
      case PARAMETERS, OPERATIONS, TIME -> false;
    };
  }
}
