package io.karipap.checkpoint.safetensors;

import io.karipap.checkpoint.CheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Conversion between float32 and the number types of tensor files. */
public final class Elements {
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private Elements() {}

  /**
   * Widens little-endian elements to float32: exactly from F32, F16, BF16 and I8, to the nearest
   * float32 from F64.
   *
   * @param data whole elements; any alignment
   * @throws CheckpointException where the type holds no real numbers that float32 can stand for
   *     (I64, I32, I16, U8, BOOL), or where there are more elements than an array has room for
   * @throws IllegalArgumentException where the data end within an element
   */
  public static float[] toFloat(ElementType type, MemorySegment data) {
    float[] values = new float[count(type, data)];
    switch (type) {
      case F64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) data.get(F64, 8L * i);
        }
      }
      case F32 -> MemorySegment.copy(data, F32, 0, values, 0, values.length);
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.float16ToFloat(data.get(HALF, 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(data.get(HALF, 2L * i) << 16);
        }
      }
      case I8 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = data.get(ValueLayout.JAVA_BYTE, i);
        }
      }
      case I64, I32, I16, U8, BOOL -> throw unsupported(type);
    }
    return values;
  }

  /**
   * Narrows float32 to little-endian elements, rounding to nearest, ties to even. Values beyond the
   * range become infinite in F16 and BF16 and the nearest end of the range in I8, where NaN is 0.
   *
   * @param out written whole; any alignment
   * @throws CheckpointException for the types that {@link #toFloat} does not read either
   * @throws IllegalArgumentException where {@code out} has not exactly one element a value
   */
  public static void fromFloat(float[] values, ElementType type, MemorySegment out) {
    if (out.byteSize() != (long) values.length * type.bytes()) {
      throw new IllegalArgumentException(
          "%d values of type %s do not fit %d bytes"
              .formatted(values.length, type, out.byteSize()));
    }
    switch (type) {
      case F64 -> {
        for (int i = 0; i < values.length; i++) {
          out.set(F64, 8L * i, values[i]);
        }
      }
      case F32 -> MemorySegment.copy(values, 0, out, F32, 0, values.length);
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          out.set(HALF, 2L * i, Float.floatToFloat16(values[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          out.set(HALF, 2L * i, toBfloat16(values[i]));
        }
      }
      case I8 -> {
        for (int i = 0; i < values.length; i++) {
          out.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp(Math.rint(values[i]), -128, 127));
        }
      }
      case I64, I32, I16, U8, BOOL -> throw unsupported(type);
    }
  }

  /** Adds half a unit of the last kept bit, less one where that bit is even, then cuts. */
  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40); // quiet; the addition could carry it into an infinity
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  private static int count(ElementType type, MemorySegment data) {
    if (data.byteSize() % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not a whole number of %s elements".formatted(data.byteSize(), type));
    }
    long count = data.byteSize() / type.bytes();
    if (count > LONGEST_ARRAY) {
      throw new CheckpointException(
          "a tensor of %d elements is too large for one array; convert it in slices"
              .formatted(count));
    }
    return (int) count;
  }

  private static CheckpointException unsupported(ElementType type) {
    return new CheckpointException(
        "element type %s is not a weight's; weights are F64, F32, F16, BF16 or I8".formatted(type));
  }
}
