package io.karipap.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementsTest {
  private static final int PATTERNS = 1 << 16;
  private static final ValueLayout.OfShort LITTLE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble LITTLE_DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Test
  void widensAll65536HalvesAsTheirDefinitionSays() {
    float[] values = Elements.toFloat(ElementType.F16, allPatterns());
    for (int bits = 0; bits < PATTERNS; bits++) {
      assertThat(values[bits]).isEqualTo(Float.valueOf(floatingPoint(bits, 5, 10)));
      assertThat(values[bits]).isEqualTo(Float.valueOf(Float.float16ToFloat((short) bits)));
    }
  }

  @Test
  void widensAll65536BfloatsAsTheirDefinitionSays() {
    float[] values = Elements.toFloat(ElementType.BF16, allPatterns());
    for (int bits = 0; bits < PATTERNS; bits++) {
      assertThat(values[bits]).isEqualTo(Float.valueOf(floatingPoint(bits, 8, 7)));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F16", "BF16"})
  void returnsEveryPatternUnchangedButForNaN(ElementType type) {
    MemorySegment all = allPatterns();
    float[] values = Elements.toFloat(type, all);
    MemorySegment back = MemorySegment.ofArray(new byte[2 * PATTERNS]);
    Elements.fromFloat(values, type, back);
    float[] again = Elements.toFloat(type, back);
    for (int bits = 0; bits < PATTERNS; bits++) {
      if (Float.isNaN(values[bits])) {
        assertThat(again[bits]).isNaN();
      } else {
        assertThat(back.get(LITTLE_SHORT, 2L * bits)).isEqualTo((short) bits);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F16", "BF16"})
  void roundsToTheNearestPatternAndTiesToTheEvenOne(ElementType type) {
    int infinity = type == ElementType.F16 ? 0x7c00 : 0x7f80;
    float[] exact = Elements.toFloat(type, allPatterns());
    for (int bits = 0; bits + 1 < infinity; bits++) {
      // the midpoint of two neighbours is exact in float32, as are its own neighbours
      float middle = midpoint(exact[bits], exact[bits + 1]);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(narrowed(type, Math.nextDown(middle))).isEqualTo(bits);
      assertThat(narrowed(type, middle)).isEqualTo(even);
      assertThat(narrowed(type, Math.nextUp(middle))).isEqualTo(bits + 1);
      assertThat(narrowed(type, -middle)).isEqualTo(even | 0x8000);
    }
    // half a unit beyond the largest finite pattern the nearest is infinity
    assertThat(narrowed(type, Float.MAX_VALUE)).isEqualTo(infinity);
    assertThat(narrowed(type, Float.NEGATIVE_INFINITY)).isEqualTo(infinity | 0x8000);
  }

  @Test
  void keepsSignallingNaNsWhoseLowBitsAreCutFromBecomingInfinite() {
    float signalling = Float.intBitsToFloat(0x7f800001);
    assertThat(narrowed(ElementType.BF16, signalling)).isEqualTo(0x7fc0);
  }

  @Test
  void narrowsF64ToTheNearestFloat() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      double value = random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30);
      MemorySegment data = MemorySegment.ofArray(new byte[8]);
      data.set(LITTLE_DOUBLE, 0, value);
      assertThat(Elements.toFloat(ElementType.F64, data))
          .containsExactly(new BigDecimal(value).floatValue());
    }
  }

  @Test
  void roundsAndSaturatesToEightBits() {
    float[] values = {0.5f, 1.5f, -0.5f, -2.5f, 126.5f, 127.5f, 1e9f, -129f, Float.NaN};
    MemorySegment out = MemorySegment.ofArray(new byte[values.length]);
    Elements.fromFloat(values, ElementType.I8, out);
    assertThat(out.toArray(ValueLayout.JAVA_BYTE))
        .containsExactly(0, 2, 0, -2, 126, 127, 127, -128, 0);
    assertThat(Elements.toFloat(ElementType.I8, out))
        .containsExactly(0, 2, 0, -2, 126, 127, 127, -128, 0);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F64", "F32"})
  void keepsFloatsExactlyAtAnyAlignment(ElementType type) {
    float[] values = {0f, -0f, 1f, -3.25f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, 0x1p-140f};
    MemorySegment room = MemorySegment.ofArray(new byte[values.length * type.bytes() + 1]);
    MemorySegment out = room.asSlice(1);
    Elements.fromFloat(values, type, out);
    assertThat(Elements.toFloat(type, out)).containsExactly(values);
  }

  @Test
  void storesFloatsWithTheLowestByteFirst() {
    MemorySegment out = MemorySegment.ofArray(new byte[4]);
    Elements.fromFloat(new float[] {1f}, ElementType.F32, out);
    assertThat(out.toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 0, 0x80, 0x3f);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"I64", "I32", "I16", "U8", "BOOL"})
  void refusesTypesThatHoldNoWeights(ElementType type) {
    MemorySegment data = MemorySegment.ofArray(new byte[type.bytes()]);
    assertThatThrownBy(() -> Elements.toFloat(type, data))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(type.name());
    assertThatThrownBy(() -> Elements.fromFloat(new float[1], type, data))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(type.name());
  }

  @Test
  void refusesDataOfTheWrongSize() {
    MemorySegment five = MemorySegment.ofArray(new byte[5]);
    assertThatThrownBy(() -> Elements.toFloat(ElementType.F32, five))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Elements.fromFloat(new float[1], ElementType.F32, five))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Value of a pattern with a sign, exponent bits and fraction bits, by IEEE 754's definition. */
  private static float floatingPoint(int bits, int exponentBits, int fractionBits) {
    int sign = bits >> 15 == 0 ? 1 : -1;
    int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
    int fraction = bits & ((1 << fractionBits) - 1);
    int bias = (1 << (exponentBits - 1)) - 1;
    double scaled = fraction / (double) (1 << fractionBits);
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    }
    return exponent == 0
        ? (float) (sign * scaled * Math.pow(2, 1 - bias))
        : (float) (sign * (1 + scaled) * Math.pow(2, exponent - bias));
  }

  private static float midpoint(float a, float b) {
    return (float) ((a + (double) b) / 2);
  }

  private static int narrowed(ElementType type, float value) {
    MemorySegment out = MemorySegment.ofArray(new byte[2]);
    Elements.fromFloat(new float[] {value}, type, out);
    return Short.toUnsignedInt(out.get(LITTLE_SHORT, 0));
  }

  private static MemorySegment allPatterns() {
    MemorySegment data = MemorySegment.ofArray(new byte[2 * PATTERNS]);
    for (int bits = 0; bits < PATTERNS; bits++) {
      data.set(LITTLE_SHORT, 2L * bits, (short) bits);
    }
    return data;
  }
}
