package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Positive numbers in a byte each, on a logarithmic grid between the smallest and the largest:
 * {@code 2^(base + step c)}. Neighbours differ by a 256th of the range, for rows and columns of
 * real matrices one to three percent.
 *
 * @param base binary logarithm of the smallest
 * @param step of the grid, not negative
 * @param codes unsigned
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record LogScales(float base, float step, byte[] codes) {

  private static final int LARGEST = 255;

  /** Binary logarithms that a float32 can have, with room for products of two. */
  private static final float MOST = 60;

  /**
   * The nearest numbers on the grid of some positive ones.
   *
   * @throws IllegalArgumentException if one is not positive, or beyond 2^-60 to 2^60
   */
  public static LogScales of(double[] values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      double log = Math.log(value) / Math.log(2);
      if (!(Math.abs(log) <= MOST)) {
        throw new IllegalArgumentException(
            "a scale is a positive number between 2^-60 and 2^60, not " + value);
      }
      least = Math.min(least, log);
      most = Math.max(most, log);
    }
    float base = (float) least;
    float step = (float) ((most - least) / LARGEST);
    byte[] codes = new byte[values.length];
    for (int i = 0; i < codes.length; i++) {
      double place = step == 0 ? 0 : (Math.log(values[i]) / Math.log(2) - base) / step;
      codes[i] = (byte) Math.clamp(Math.round(place), 0, LARGEST);
    }
    return new LogScales(base, step, codes);
  }

  /** The numbers. */
  public double[] values() {
    double[] values = new double[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(2, base + (double) step * Byte.toUnsignedInt(codes[i]));
    }
    return values;
  }

  /** Bytes of this many of them. */
  static int bytes(int count) {
    return 2 * Float.BYTES + count;
  }

  void write(ByteBuffer to) {
    to.order(ByteOrder.LITTLE_ENDIAN).putFloat(base).putFloat(step).put(codes);
  }

  static LogScales read(ByteBuffer from, int count) {
    ByteBuffer bytes = from.order(ByteOrder.LITTLE_ENDIAN);
    float base = bytes.getFloat();
    float step = bytes.getFloat();
    byte[] codes = new byte[count];
    bytes.get(codes);
    if (!(Math.abs(base) <= 2 * MOST) || !(step >= 0 && step * LARGEST <= 4 * MOST)) {
      throw new CheckpointException(
          "scales of coded numbers are no numbers: the file is damaged, download or make it again");
    }
    return new LogScales(base, step, codes);
  }
}
