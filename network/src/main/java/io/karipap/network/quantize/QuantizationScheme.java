package io.karipap.network.quantize;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;

/**
 * A number format with its group size and type of scales.
 *
 * @param format what codes stand for
 * @param group numbers that share a scale; 0 means a whole row
 * @param scaleType how scales are stored
 * @param search whether the range of a group is reduced when that lowers the sum of its squared
 *     errors; the outermost numbers are then clipped
 */
public record QuantizationScheme(
    ScalarFormat format, int group, ScaleType scaleType, boolean search) {

  /**
   * Checks the group.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public QuantizationScheme {
    if (group < 0) {
      throw new IllegalArgumentException("a group has at least one number, not " + group);
    }
  }

  /** Scales in binary16, ranges searched. */
  public static QuantizationScheme of(String format, int group) {
    return new QuantizationScheme(ScalarFormat.of(format), group, ScaleType.F16, true);
  }

  /** The same without a search: the range of a group is that of its numbers. */
  public QuantizationScheme fullRange() {
    return new QuantizationScheme(format, group, scaleType, false);
  }
}
