package io.karipap.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalAttentionTest {

  // bfloat16 keeps 8 bits; weights and values are rounded, and so is the result
  private static final double ROUNDING = 0.02;

  /** Steps around the block of 128 queries. */
  @ParameterizedTest
  @CsvSource({
    "1, 2, 2",
    "2, 2, 1",
    "127, 2, 2",
    "128, 4, 2",
    "129, 4, 1",
    "256, 2, 2",
    "300, 6, 2"
  })
  void bfloat16AgreesWithFloat32InValuesAndGradients(int steps, int heads, int keyHeads) {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(steps);
      Tensor q = random.normal(DType.F32, 2, heads, steps, 32).leaf();
      Tensor k = random.normal(DType.F32, 2, keyHeads, steps, 32).leaf();
      Tensor v = random.normal(DType.F32, 2, keyHeads, steps, 32).leaf();
      Tensor direction = random.normal(DType.F32, 2, heads, steps, 32);
      Tensor exact = CausalAttention.apply(q, k, v, DType.F32);
      Tensor mixed = CausalAttention.apply(q, k, v, DType.BF16);
      assertThat(mixed.dtype()).isEqualTo(DType.BF16);
      Tensor fast = mixed.to(DType.F32);
      assertThat(distance(fast, exact)).isLessThan(ROUNDING);
      List<Tensor> expected = Autograd.gradients(exact.mul(direction).sum(), List.of(q, k, v));
      List<Tensor> gradients = Autograd.gradients(fast.mul(direction).sum(), List.of(q, k, v));
      // a single step has the weight 1 whatever q and k are: nothing to compare with
      for (int i = steps == 1 ? 2 : 0; i < 3; i++) {
        assertThat(gradients.get(i).isFinite()).isTrue();
        assertThat(distance(gradients.get(i), expected.get(i))).isLessThan(ROUNDING);
      }
    }
  }

  @Test
  void headsTooNarrowForFastProductsStayExact() {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(3);
      Tensor q = random.normal(DType.F32, 1, 2, 150, 16);
      Tensor k = random.normal(DType.F32, 1, 1, 150, 16);
      Tensor v = random.normal(DType.F32, 1, 1, 150, 16);
      assertThat(CausalAttention.apply(q, k, v, DType.BF16).toFloats())
          .containsExactly(CausalAttention.apply(q, k, v, DType.F32).toFloats());
    }
  }

  @Test
  void averagesWhatStandsBeforeWhenAllKeysAreAlike() {
    try (var _ = new TensorScope()) {
      int steps = 200;
      double[] values = new double[steps];
      for (int i = 0; i < steps; i++) {
        values[i] = i;
      }
      Tensor q = Tensor.full(1, DType.F64, 1, 1, steps, 32);
      Tensor v = Tensor.of(values, 1, 1, steps, 1).expand(1, 1, steps, 32).contiguous();
      double[] mixed = CausalAttention.apply(q, q, v, DType.F64).toDoubles();
      double[] rounded = CausalAttention.apply(q, q, v, DType.BF16).toDoubles();
      for (int i = 0; i < steps; i++) {
        // the mean of 0, ..., i
        assertThat(mixed[32 * i]).isCloseTo(i / 2.0, within(1e-12));
        assertThat(rounded[32 * i]).isCloseTo(i / 2.0, within(0.01 * i + 1e-6));
      }
    }
  }

  @Test
  void laterKeysAndValuesChangeNothing() {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(1);
      Tensor q = random.normal(DType.F32, 1, 2, 140, 32);
      Tensor k = random.normal(DType.F32, 1, 2, 140, 32);
      Tensor v = random.normal(DType.F32, 1, 2, 140, 32);
      for (DType compute : List.of(DType.F32, DType.BF16)) {
        Tensor all = CausalAttention.apply(q, k, v, compute);
        k.narrow(2, 135, 5).copyFrom(Tensor.full(50, DType.F32, 1, 2, 5, 32));
        v.narrow(2, 135, 5).copyFrom(Tensor.full(50, DType.F32, 1, 2, 5, 32));
        Tensor changed = CausalAttention.apply(q, k, v, compute);
        assertThat(changed.narrow(2, 0, 135).toDoubles())
            .containsExactly(all.narrow(2, 0, 135).toDoubles());
        k.copyFrom(random.normal(DType.F32, 1, 2, 140, 32));
      }
    }
  }

  private static double distance(Tensor a, Tensor b) {
    return a.sub(b).norm().item() / b.norm().item();
  }
}
