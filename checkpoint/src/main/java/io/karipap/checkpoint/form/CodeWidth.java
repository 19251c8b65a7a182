package io.karipap.checkpoint.form;

/**
 * The size of packed codes. Codes of three levels lie five in a byte (1.6 bits each), others take
 * {@code ceil(log2(levels))} bits each, without gaps.
 *
 * @param levels number of different codes, 2 to 256
 */
public record CodeWidth(int levels) {

  private static final int TRITS = 5;

  /**
   * Checks the number of levels.
   *
   * @throws IllegalArgumentException if it is not 2 to 256
   */
  public CodeWidth {
    if (levels < 2 || levels > 256) {
      throw new IllegalArgumentException("codes have 2 to 256 levels, not " + levels);
    }
  }

  /** True for three levels, which are packed as digits to the base 3. */
  public boolean isTernary() {
    return levels == 3;
  }

  /** Whole bits that tell the levels apart. */
  public int bits() {
    return Integer.SIZE - Integer.numberOfLeadingZeros(levels - 1);
  }

  /** Bits that a code takes in a long row of them. */
  public double bitsPerCode() {
    return isTernary() ? 8.0 / TRITS : bits();
  }

  /** Bytes that codes take. */
  public long bytes(long count) {
    return isTernary() ? Math.ceilDiv(count, TRITS) : Math.ceilDiv(count * bits(), 8L);
  }
}
