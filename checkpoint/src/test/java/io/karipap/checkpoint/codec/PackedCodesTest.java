package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.CodeWidth;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedCodesTest {

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void agreesWithCasesWorkedByHand() {
    // 5 + 3*8 + 6*64 = 413 = 0x19d
    assertThat(PackedCodes.pack(bytes(5, 3, 6), 8)).containsExactly((byte) 0x9d, (byte) 0x01);
    assertThat(PackedCodes.pack(bytes(1, 15, 7), 15 + 1)).containsExactly((byte) 0xf1, (byte) 7);
    // 2 + 0*3 + 1*9 + 2*27 + 2*81 = 227, then 1 + 2*3
    assertThat(PackedCodes.pack(bytes(2, 0, 1, 2, 2, 1, 2), 3))
        .containsExactly((byte) 227, (byte) 7);
    assertThat(PackedCodes.pack(bytes(0, 255, 128), 256))
        .containsExactly((byte) 0, (byte) 255, (byte) 128);
  }

  /** The stream as one large number: sum of code times 2^(bits i). */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256})
  void anyNumberOfCodesIsOneLargeNumberAndReadBack(int levels) {
    Random random = new Random(levels);
    for (int count = 0; count < 70; count++) {
      byte[] codes = new byte[count];
      for (int i = 0; i < count; i++) {
        codes[i] = (byte) random.nextInt(levels);
      }
      byte[] packed = PackedCodes.pack(MemorySegment.ofArray(codes), levels);
      int bits = BigInteger.valueOf(levels - 1).bitLength();
      assertThat(packed).hasSize(levels == 3 ? (count + 4) / 5 : (count * bits + 7) / 8);
      if (levels != 3) {
        BigInteger all = BigInteger.ZERO;
        for (int i = 0; i < count; i++) {
          all = all.add(BigInteger.valueOf(codes[i] & 255).shiftLeft(bits * i));
        }
        for (byte b : packed) {
          assertThat(b).isEqualTo(all.byteValue());
          all = all.shiftRight(8);
        }
        assertThat(all).isZero();
      }
      assertThat(PackedCodes.unpack(MemorySegment.ofArray(packed), levels, count)).isEqualTo(codes);
    }
  }

  /** Every string of bytes is read or refused; what is read packs to the same bytes again. */
  @ParameterizedTest
  @ValueSource(ints = {3, 7, 8, 15, 16, 127})
  void bytesHaveOneMeaningAtMost(int levels) {
    Random random = new Random(levels);
    int read = 0;
    for (int trial = 0; trial < 4000; trial++) {
      int count = 1 + random.nextInt(6);
      byte[] packed = new byte[(int) new CodeWidth(levels).bytes(count)];
      random.nextBytes(packed);
      try {
        byte[] codes = PackedCodes.unpack(MemorySegment.ofArray(packed), levels, count);
        assertThat(PackedCodes.pack(MemorySegment.ofArray(codes), levels)).isEqualTo(packed);
        read++;
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }
    assertThat(read).isBetween(100, 3990);
  }

  @Test
  void damageIsRefused() {
    assertThatThrownBy(() -> PackedCodes.unpack(bytes(1, 2, 3), 16, 4))
        .hasMessageContaining("take 2 bytes, there are 3");
    assertThatThrownBy(() -> PackedCodes.unpack(bytes(0x0f), 15, 1))
        .hasMessageContaining("code 0 is 15");
    assertThatThrownBy(() -> PackedCodes.unpack(bytes(0x11), 16, 1)).hasMessageContaining("beyond");
    assertThatThrownBy(() -> PackedCodes.unpack(bytes(243), 3, 5)).hasMessageContaining("beyond");
    assertThatThrownBy(() -> PackedCodes.unpack(bytes(9), 3, 2)).hasMessageContaining("beyond");
    assertThatThrownBy(() -> PackedCodes.pack(bytes(3), 3)).hasMessageContaining("3 levels");
    assertThatThrownBy(() -> new CodeWidth(257)).hasMessageContaining("257");
  }
}
