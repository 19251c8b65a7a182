package io.karipap.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorInfoTest {
  @ParameterizedTest
  @CsvSource({
    "F64,8", "F32,4", "F16,2", "BF16,2", "I64,8", "I32,4", "I16,2", "I8,1", "U8,1", "BOOL,1"
  })
  void knowsItsSize(ElementType type, int bytes) {
    TensorInfo info = new TensorInfo("x", type, List.of(3L, 5L));
    assertThat(info.elements()).isEqualTo(15);
    assertThat(info.bytes()).isEqualTo(15L * bytes);
    assertThat(new TensorInfo("x", type, List.of()).bytes()).isEqualTo(bytes);
    assertThat(new TensorInfo("x", type, List.of(7L, 0L)).bytes()).isZero();
  }

  @Test
  void allowsUpToTheLargestLong() {
    assertThat(new TensorInfo("x", ElementType.U8, List.of(Long.MAX_VALUE)).bytes())
        .isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> new TensorInfo("x", ElementType.I16, List.of(1L << 62)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2^63");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "__metadata__", "a\tb", "\u0085"})
  void refusesNamesThatAFileCannotHold(String name) {
    assertThatThrownBy(() -> new TensorInfo(name, ElementType.F32, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
