package io.karipap.compress.heal;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestWeightsTest {

  @TempDir Path folder;

  private BestWeights start(double value) {
    return new BestWeights(of(value), 1, folder.resolve("best.safetensors"));
  }

  private static List<Tensor> of(double value) {
    return List.of(Tensor.full(value, DType.F32, 2, 3), Tensor.full(-value, DType.F32, 4));
  }

  private static double value(BestWeights best) {
    List<Tensor> variables = best.variables();
    assertThat(variables.getLast().sum().item()).isEqualTo(-4 * variables.getFirst().mean().item());
    return variables.getFirst().mean().item();
  }

  @Test
  void onlyBetterVariablesAreKept() {
    try (var _ = new TensorScope()) {
      BestWeights best = start(0);
      best.offer(of(1), 1.5F, 10);
      assertThat(value(best)).isZero();
      assertThat(best.step()).isZero();
      best.offer(of(2), 0.5F, 20);
      best.offer(of(3), 0.5F, 30);
      best.offer(of(4), Float.NaN, 40);
      assertThat(value(best)).isEqualTo(2);
      assertThat(best.step()).isEqualTo(20);
      assertThat(best.divergence()).isEqualTo(0.5F);
    }
  }

  @Test
  void whatIsKeptIsACopy() {
    try (var _ = new TensorScope()) {
      BestWeights best = start(0);
      List<Tensor> trained = of(2);
      best.offer(trained, 0.5F, 1);
      trained.getFirst().scaleInPlace(7);
      assertThat(value(best)).isEqualTo(2);
    }
  }

  @Test
  void aContinuedRunHasTheBestOfTheInterruptedOne() {
    try (var _ = new TensorScope()) {
      start(0).offer(of(2), 0.25F, 12345);
      BestWeights continued = start(0);
      continued.restore();
      assertThat(value(continued)).isEqualTo(2);
      assertThat(continued.divergence()).isEqualTo(0.25F);
      assertThat(continued.step()).isEqualTo(12345);
    }
  }

  @Test
  void aRunWithoutABetterLookContinuesWithItsStart() {
    try (var _ = new TensorScope()) {
      start(3).offer(of(2), 2, 5);
      BestWeights continued = start(3);
      continued.restore();
      assertThat(value(continued)).isEqualTo(3);
      assertThat(continued.divergence()).isEqualTo(1);
    }
  }
}
