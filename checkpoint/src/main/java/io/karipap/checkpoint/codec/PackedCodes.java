package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.CodeWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Small unsigned numbers, packed. Codes of three levels lie five in a byte, the first one the least
 * digit to the base 3 (1.6 bits each). Others lie in a stream of {@code ceil(log2(levels))} bits
 * each, which fills bytes from their lowest bit, without gaps between numbers or rows. What the
 * last byte has beyond the last code is zero.
 */
public final class PackedCodes {
  private static final int TRITS = 5;
  private static final int[] POWERS = {1, 3, 9, 27, 81};

  private PackedCodes() {}

  private static long bytes(long count, int levels) {
    return new CodeWidth(levels).bytes(count);
  }

  private static int bits(int levels) {
    return new CodeWidth(levels).bits();
  }

  /**
   * Packs codes.
   *
   * @param codes one unsigned byte each
   * @param levels number of different codes, 2 to 256
   * @throws IllegalArgumentException if one is not below {@code levels}
   */
  public static byte[] pack(MemorySegment codes, int levels) {
    int count = Math.toIntExact(codes.byteSize());
    byte[] packed = new byte[Math.toIntExact(bytes(count, levels))];
    int bits = bits(levels);
    for (int i = 0; i < count; i++) {
      int code = Byte.toUnsignedInt(codes.get(ValueLayout.JAVA_BYTE, i));
      if (code >= levels) {
        throw new IllegalArgumentException(
            "code %d is %d, there are %d levels".formatted(i, code, levels));
      }
      if (levels == 3) {
        packed[i / TRITS] += (byte) (code * POWERS[i % TRITS]);
        continue;
      }
      long at = (long) i * bits;
      int shifted = code << (int) (at % 8);
      packed[(int) (at / 8)] |= (byte) shifted;
      if (shifted > 0xff) {
        packed[(int) (at / 8) + 1] |= (byte) (shifted >> 8);
      }
    }
    return packed;
  }

  /**
   * Unpacks codes.
   *
   * @param count how many there are
   * @return one unsigned byte each
   * @throws CheckpointException if the bytes are not what {@link #pack} makes of so many codes: of
   *     another size, with a code that is not below {@code levels}, or with padding that is not
   *     zero
   */
  public static byte[] unpack(MemorySegment packed, int levels, int count) {
    if (packed.byteSize() != bytes(count, levels)) {
      throw new CheckpointException(
          "%d codes of %d levels take %d bytes, there are %d"
              .formatted(count, levels, bytes(count, levels), packed.byteSize()));
    }
    byte[] codes = new byte[count];
    int bits = bits(levels);
    for (int i = 0; i < count; i++) {
      int code;
      if (levels == 3) {
        code = unsigned(packed, i / TRITS) / POWERS[i % TRITS] % 3;
      } else {
        long at = (long) i * bits;
        int high = at % 8 + bits > 8 ? unsigned(packed, at / 8 + 1) << 8 : 0;
        code = (unsigned(packed, at / 8) | high) >> (at % 8) & (1 << bits) - 1;
      }
      if (code >= levels) {
        throw new CheckpointException(
            "code %d is %d, the format has %d levels: the file is damaged"
                .formatted(i, code, levels));
      }
      codes[i] = (byte) code;
    }
    requirePadding(packed, levels, count);
    return codes;
  }

  private static void requirePadding(MemorySegment packed, int levels, int count) {
    boolean clean = true;
    if (levels == 3) {
      for (long i = 0; i < packed.byteSize(); i++) {
        int digits = (int) Math.min(TRITS, count - i * TRITS);
        clean &= unsigned(packed, i) < 3 * POWERS[digits - 1];
      }
    } else if (count > 0) {
      long used = (long) count * bits(levels) % 8;
      clean = used == 0 || unsigned(packed, packed.byteSize() - 1) >> used == 0;
    }
    if (!clean) {
      throw new CheckpointException(
          "packed codes have bits beyond the last code: the file is damaged");
    }
  }

  private static int unsigned(MemorySegment packed, long at) {
    return Byte.toUnsignedInt(packed.get(ValueLayout.JAVA_BYTE, at));
  }
}
