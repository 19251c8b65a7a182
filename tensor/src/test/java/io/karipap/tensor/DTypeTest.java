package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversions between element types against Java's own arithmetic. */
class DTypeTest {

  /** Floats of all magnitudes, halfway cases of the short formats, and the special values. */
  private static float[] samples() {
    var random = new Random(5);
    float[] values = new float[20_000];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (i % 3) {
            case 0 -> (float) random.nextGaussian();
            case 1 -> Float.intBitsToFloat(random.nextInt() & 0xffff8000); // ties of bfloat16
            default -> random.nextInt(1 << 17) * 0x1p-12f; // ties of float16
          };
      if (Float.isNaN(values[i])) {
        values[i] = 0;
      }
    }
    values[0] = Float.POSITIVE_INFINITY;
    values[1] = Float.NEGATIVE_INFINITY;
    values[2] = -0f;
    values[3] = Float.MIN_VALUE;
    values[4] = Float.MAX_VALUE;
    return values;
  }

  @Test
  void bfloat16RoundsToNearestEven() {
    try (var _ = new TensorScope()) {
      float[] values = samples();
      Tensor narrow = Tensor.of(values, values.length).to(DType.BF16);
      short[] bits = narrow.segment().toArray(ValueLayout.JAVA_SHORT);
      float[] back = narrow.toFloats();
      for (int i = 0; i < values.length; i++) {
        int word = Float.floatToRawIntBits(values[i]);
        int expected = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
        assertThat(bits[i] & 0xffff).as("%s", values[i]).isEqualTo(expected & 0xffff);
        assertThat(Float.floatToRawIntBits(back[i])).isEqualTo(expected << 16);
      }
    }
  }

  @Test
  void float16RoundsAsJavaDoes() {
    try (var _ = new TensorScope()) {
      float[] values = samples();
      Tensor narrow = Tensor.of(values, values.length).to(DType.F16);
      short[] bits = narrow.segment().toArray(ValueLayout.JAVA_SHORT);
      float[] back = narrow.toFloats();
      for (int i = 0; i < values.length; i++) {
        assertThat(bits[i]).as("%s", values[i]).isEqualTo(Float.floatToFloat16(values[i]));
        assertThat(back[i]).isEqualTo(Float.float16ToFloat(bits[i]));
      }
    }
  }

  @Test
  void float32RoundsAsJavaDoes() {
    try (var _ = new TensorScope()) {
      double[] values = new Random(6).doubles(1000, -1e3, 1e3).toArray();
      values[0] = 1e300;
      values[1] = Double.NEGATIVE_INFINITY;
      float[] narrow = Tensor.of(values, values.length).toFloats();
      for (int i = 0; i < values.length; i++) {
        assertThat(narrow[i]).isEqualTo((float) values[i]);
      }
    }
  }

  @Test
  void notANumberStaysSo() {
    try (var _ = new TensorScope()) {
      for (DType type : new DType[] {DType.F64, DType.F32, DType.F16, DType.BF16}) {
        Tensor nan = Tensor.full(Double.NaN, type, 1);
        assertThat(nan.toDoubles()).containsExactly(Double.NaN);
        assertThat(nan.isFinite()).isFalse();
        assertThat(Tensor.zeros(type, 3).isFinite()).isTrue();
      }
    }
  }

  @Test
  void integersTruncateTowardsZero() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {-1.9, -0.5, 0.5, 1.9, 100}, 5);
      for (DType type : new DType[] {DType.I64, DType.I32, DType.I8}) {
        assertThat(x.to(type).toLongs()).containsExactly(-1, 0, 0, 1, 100);
      }
      assertThat(x.to(DType.BOOL).toLongs()).containsExactly(1, 1, 1, 1, 1);
      assertThat(Tensor.zeros(DType.BOOL, 2).toDoubles()).containsExactly(0, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeHasItsSizeAndName(DType type) {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.full(1, type, 2, 3);
      assertThat(x.dtype()).isEqualTo(type);
      assertThat(x.segment().byteSize()).isEqualTo(6L * type.bytes());
      assertThat(x.toLongs()).containsExactly(1, 1, 1, 1, 1, 1);
      assertThat(x).hasToString("Tensor[2, 3] " + type);
    }
  }

  @Test
  void copyFromConverts() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.zeros(DType.BF16, 2);
      x.copyFrom(Tensor.of(new double[] {1.5, -2}, 2));
      assertThat(x.dtype()).isEqualTo(DType.BF16);
      assertThat(x.toDoubles()).containsExactly(1.5, -2);
    }
  }
}
