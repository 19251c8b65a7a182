package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyLossTest {

  private static Tensor logits(DType type, long seed, long n, long v) {
    return new RandomTensors(seed).normal(DType.F64, n, v).mul(3).to(type);
  }

  private static Tensor plainDivergence(Tensor teacher, Tensor student) {
    Tensor wanted = Functions.logSoftmax(teacher);
    return wanted
        .exp()
        .mul(wanted.sub(Functions.logSoftmax(student)))
        .sum()
        .mul(1.0 / teacher.size(0));
  }

  @Test
  void gradientOfTheDivergenceIsThatOfDifferences() {
    try (var _ = new TensorScope()) {
      Tensor teacher = logits(DType.F64, 1, 3, 5);
      FiniteDifferences.check(
          x -> VocabularyLoss.divergence(teacher, x.getFirst()),
          List.of(logits(DType.F64, 2, 3, 5)));
    }
  }

  @Test
  void gradientOfTheCrossEntropyIsThatOfDifferences() {
    try (var _ = new TensorScope()) {
      Tensor targets = Tensor.of(new long[] {4, 0, 2}, 3);
      FiniteDifferences.check(
          x -> VocabularyLoss.crossEntropy(x.getFirst(), targets),
          List.of(logits(DType.F64, 3, 3, 5)));
    }
  }

  /** Rows in several portions, the last one shorter. */
  @Test
  void valueAndGradientAreThoseOfAutomaticDifferentiation() {
    try (var _ = new TensorScope()) {
      int n = 11;
      int v = 40_000;
      Tensor teacher = logits(DType.F32, 4, n, v);
      Tensor student = logits(DType.F32, 5, n, v).leaf();
      long[] ids = new long[n];
      java.util.Arrays.setAll(ids, i -> 3571L * i);
      Tensor targets = Tensor.of(ids, n);
      requireSame(
          VocabularyLoss.divergence(teacher, student), plainDivergence(teacher, student), student);
      requireSame(
          VocabularyLoss.crossEntropy(student, targets),
          Functions.crossEntropy(student, targets),
          student);
    }
  }

  private static void requireSame(Tensor fused, Tensor plain, Tensor student) {
    assertThat(fused.item()).isCloseTo(plain.item(), within(1e-5 * plain.item()));
    Tensor expected = Autograd.gradients(plain, List.of(student)).getFirst();
    Tensor gradient = Autograd.gradients(fused, List.of(student)).getFirst();
    assertThat(gradient.sub(expected).norm().item()).isLessThan(1e-5 * expected.norm().item());
  }

  @Test
  void narrowLogitsAreWidenedBeforeTheyAreSummed() {
    try (var _ = new TensorScope()) {
      Tensor teacher = logits(DType.BF16, 6, 7, 3000);
      Tensor student = logits(DType.BF16, 7, 7, 3000).leaf();
      Tensor wide = student.detach().to(DType.F32).leaf();
      Tensor plain = plainDivergence(teacher.to(DType.F32), wide);
      Tensor fused = VocabularyLoss.divergence(teacher, student);
      assertThat(fused.dtype()).isEqualTo(DType.F32);
      assertThat(fused.item()).isCloseTo(plain.item(), within(1e-5 * plain.item()));
      Tensor expected = Autograd.gradients(plain, List.of(wide)).getFirst();
      Tensor gradient = Autograd.gradients(fused.mul(1), List.of(student)).getFirst();
      assertThat(gradient.to(DType.F32).sub(expected).norm().item())
          .isLessThan(4e-3 * expected.norm().item());
    }
  }
}
