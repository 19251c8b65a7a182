package io.karipap.compress;

import java.util.Locale;

/** The unit that a budget is counted in. */
public enum CostUnit {
  /** Stored numbers, scales and zero points included. */
  PARAMETERS,
  /** Bytes as they are written. */
  BYTES,
  /** Multiplications a token: a network costs its contracted matrix if that is cheaper. */
  OPERATIONS,
  /** Bytes that a token's pass reads: all but the rows of embeddings that are not looked up. */
  READS,
  /** Measured time of a generated token, in nanoseconds. */
  TIME;

  /** Its name in messages. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether networks of many sites can be worth it: contracted, they multiply as dense ones do. */
  public boolean paysNetworks() {
    return switch (this) {
      case PARAMETERS, BYTES, READS -> true;
      case OPERATIONS, TIME -> false;
    };
  }

  /** Whether numbers cost less when they are coded in few bits. */
  public boolean paysCodes() {
    return switch (this) {
      case BYTES, READS -> true;
      case PARAMETERS, OPERATIONS, TIME -> false;
    };
  }
}
