package io.karipap.checkpoint.form;

/** How the scales and shifts of groups are stored. */
public enum ScaleType {
  /** IEEE binary16: 11 significant bits, up to 65504. */
  F16,
  /** The upper half of a binary32: 8 significant bits, any magnitude. */
  BF16;

  /**
   * The nearest storable number.
   *
   * @throws IllegalArgumentException if that is infinite, or x is not a number
   */
  public double nearest(double x) {
    float single = (float) x;
    double rounded =
        switch (this) {
          case F16 -> Float.float16ToFloat(Float.floatToFloat16(single));
          case BF16 -> {
            int bits = Float.floatToRawIntBits(single);
            yield Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000);
          }
        };
    if (!Double.isFinite(rounded)) {
      throw new IllegalArgumentException(
          "%g cannot be a scale in %s: numbers are too large for the type".formatted(x, this));
    }
    return rounded;
  }

  /**
   * The smallest storable number that is not below x: with a scale rounded so, no number of a group
   * lies outside its levels.
   *
   * @param x not negative
   * @throws IllegalArgumentException if that is infinite, or x is not a number
   */
  public double up(double x) {
    double rounded = nearest(x);
    if (rounded >= x) {
      return rounded;
    }
    return switch (this) {
      case F16 ->
          nearest(Float.float16ToFloat((short) (Float.floatToFloat16((float) rounded) + 1)));
      case BF16 ->
          nearest(Float.intBitsToFloat(Float.floatToRawIntBits((float) rounded) + 0x10000));
    };
  }
}
