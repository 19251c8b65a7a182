package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {

  @Test
  void wrongShapesAreNamedInTheMessage() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F32, 2, 3);
      Tensor b = Tensor.zeros(DType.F32, 4, 5);
      assertThatThrownBy(() -> a.matmul(b))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("matmul")
          .hasMessageContaining("[2, 3]")
          .hasMessageContaining("[4, 5]");
    }
  }

  @Test
  void aTensorOutsideOfAnyScopeIsRefused() {
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, 2)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void svdReconstructsAndEinsumAgreesWithMatmul() {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(1).normal(DType.F64, 7, 5);
      var svd = Linalg.svd(a);
      Tensor back = svd.u().mul(svd.s()).matmul(svd.vh());
      assertThat(back.sub(a).norm().item()).isLessThan(1e-13);
      Tensor product = Tensor.einsum("ij,kj->ik", a, a);
      assertThat(product.sub(a.matmul(a.transpose())).norm().item()).isLessThan(1e-13);
    }
  }

  @Test
  void keptTensorsOutliveTheirScope() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Tensor kept;
      Tensor owned;
      try (var inner = new TensorScope()) {
        kept = inner.keep(Tensor.full(3, DType.F64, 4));
        owned = owner.own(Tensor.full(4, DType.F64, 4));
      }
      assertThat(kept.sum().item()).isEqualTo(12);
      assertThat(owned.sum().item()).isEqualTo(16);
    }
  }

  @Test
  void gradientsGoThroughEinsum() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {1, 2, 3}, 3).leaf();
      Tensor y = Tensor.of(new double[] {1, 1}, 2).leaf();
      Tensor loss = Tensor.einsum("i,i->", x, x);
      List<Tensor> g = Autograd.gradients(loss, List.of(x, y));
      assertThat(g.get(0).toDoubles()).containsExactly(2, 4, 6);
      assertThat(g.get(1).toDoubles()).containsExactly(0, 0);
    }
  }

  @Test
  void adamWTakesTheHandComputedFirstStep() {
    try (var _ = new TensorScope()) {
      Tensor w = Tensor.of(new double[] {1}, 1);
      var slot = new AdamW.Slot(w, w.zerosLike(), w.zerosLike(), 0.1);
      new AdamW(0.9, 0.95, 1e-8)
          .step(List.of(slot), List.of(Tensor.of(new double[] {0.5}, 1)), 1, 0.01, 1);
      // first step moves by the learning rate against the sign, after a decay by 1 - 0.01 * 0.1
      assertThat(w.item()).isCloseTo(1 * (1 - 0.001) - 0.01, within(1e-9));
    }
  }
}
