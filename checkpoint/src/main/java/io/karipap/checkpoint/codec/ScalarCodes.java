package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.ScalarFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The codes and zero points of a tensor.
 *
 * @param format what codes stand for
 * @param groups the tensor's shape and its division into groups
 * @param codes one unsigned byte an element, row-major
 * @param zeros one unsigned byte a group; empty unless the format has zero points
 */
public record ScalarCodes(
    ScalarFormat format, GroupLayout groups, MemorySegment codes, MemorySegment zeros) {

  /**
   * Checks sizes and codes.
   *
   * @throws IllegalArgumentException if there are not as many as the groups say, or a code or zero
   *     point is none of the format's
   */
  public ScalarCodes {
    codes = codes.asReadOnly();
    zeros = zeros.asReadOnly();
    int levels = format.levels().size();
    requireCodes("codes", codes, groups.elements(), levels);
    requireCodes("zero points", zeros, format.hasZeros() ? groups.count() : 0, levels);
  }

  private static void requireCodes(String what, MemorySegment codes, int count, int levels) {
    if (codes.byteSize() != count) {
      throw new IllegalArgumentException(
          "there are %d %s where there must be %d".formatted(codes.byteSize(), what, count));
    }
    for (int i = 0; i < count; i++) {
      int code = Byte.toUnsignedInt(codes.get(ValueLayout.JAVA_BYTE, i));
      if (code >= levels) {
        throw new IllegalArgumentException(
            "number %d of the %s is %d, the format has 0 to %d"
                .formatted(i, what, code, levels - 1));
      }
    }
  }

  /** Zero point of a group; 0 in formats without. */
  public int zero(int row, int group) {
    return format.hasZeros()
        ? Byte.toUnsignedInt(zeros.get(ValueLayout.JAVA_BYTE, (long) row * groups.perRow() + group))
        : 0;
  }

  /** Levels less zero points [rows, groups of a row, group size]; zero behind a row's end. */
  public float[] levels() {
    int padded = groups.perRow() * groups.size();
    double[] table = format.levels().stream().mapToDouble(Double::doubleValue).toArray();
    byte[] bytes = codes.toArray(ValueLayout.JAVA_BYTE);
    float[] levels = new float[Math.multiplyExact(groups.rows(), padded)];
    for (int row = 0; row < groups.rows(); row++) {
      for (int group = 0; group < groups.perRow(); group++) {
        int zero = zero(row, group);
        for (int column = group * groups.size(); column < groups.end(group); column++) {
          int code = Byte.toUnsignedInt(bytes[row * groups.columns() + column]);
          levels[row * padded + column] = (float) (table[code] - zero);
        }
      }
    }
    return levels;
  }

  /**
   * The numbers that the codes stand for.
   *
   * @param scales [rows, groups of a row]
   * @param shifts of the same shape, if the format has them
   * @return row-major, of the tensor's shape
   */
  public float[] numbers(float[] scales, Optional<float[]> shifts) {
    float[] levels = levels();
    float[] numbers = new float[groups.elements()];
    int padded = groups.perRow() * groups.size();
    for (int row = 0; row < groups.rows(); row++) {
      for (int group = 0; group < groups.perRow(); group++) {
        int at = row * groups.perRow() + group;
        float scale = scales[at];
        float shift = shifts.isPresent() ? shifts.get()[at] : 0;
        for (int column = group * groups.size(); column < groups.end(group); column++) {
          numbers[row * groups.columns() + column] = levels[row * padded + column] * scale + shift;
        }
      }
    }
    return numbers;
  }
}
