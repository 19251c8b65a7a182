package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Operands that do not fit, that are empty, and that have no dimension at all. */
class OperandsTest {

  private static Arguments refused(String name, BiConsumer<Tensor, Tensor> operation) {
    return Arguments.of(name, operation);
  }

  static Stream<Arguments> operationsOfTwo() {
    return Stream.of(
        refused("add", Tensor::add),
        refused("sub", Tensor::sub),
        refused("mul", Tensor::mul),
        refused("div", Tensor::div),
        refused("addProduct", (a, b) -> a.addProduct(a, b)),
        refused("matmul", Tensor::matmul),
        refused("dot", Tensor::dot),
        refused("einsum ij,jk->ik", (a, b) -> Tensor.einsum("ij,jk->ik", a, b)),
        refused("concatenate", (a, b) -> Tensor.concatenate(List.of(a, b), 0)),
        refused("stack", (a, b) -> Tensor.stack(List.of(a, b), 0)),
        refused("addInPlace", (a, b) -> a.addInPlace(b, 1)),
        refused("addProductInPlace", (a, b) -> a.addProductInPlace(a, b, 1)),
        refused("addQuotientInPlace", (a, b) -> a.addQuotientInPlace(a, b, 1)),
        refused("copyFrom", Tensor::copyFrom),
        refused("indexSelect", (a, b) -> a.indexSelect(0, b)),
        refused("gather", (a, b) -> a.gather(0, b)),
        refused("linear", (a, b) -> Functions.linear(a, b, Optional.empty())),
        refused("embedding", Functions::embedding),
        refused("crossEntropy", Functions::crossEntropy),
        refused("solve", Linalg::solve),
        refused("choleskySolve", Linalg::choleskySolve),
        refused("solveTriangular", (a, b) -> Linalg.solveTriangular(a, b, true)),
        refused("leastSquares", Linalg::leastSquares));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operationsOfTwo")
  void aRefusalNamesTheOperationAndBothShapes(String name, BiConsumer<Tensor, Tensor> operation) {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F64, 2, 3);
      Tensor b = Tensor.zeros(DType.F64, 4, 5);
      assertThatThrownBy(() -> operation.accept(a, b))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(name + " of ")
          .hasMessageContaining("[2, 3] F64")
          .hasMessageContaining("[4, 5] F64");
    }
  }

  @Test
  void attentionNamesItsShapes() {
    try (var _ = new TensorScope()) {
      Tensor q = Tensor.zeros(DType.F32, 1, 2, 3, 4);
      Tensor k = Tensor.zeros(DType.F32, 1, 2, 3, 5);
      assertThatThrownBy(() -> Functions.attention(q, k, k, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("attention of [1, 2, 3, 4] F32 and [1, 2, 3, 5] F32");
      assertThatThrownBy(() -> Functions.attention(q.select(0, 0), k, k, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("attention of [2, 3, 4] F32");
    }
  }

  @Test
  void shapesOfOneOperandAreNamed() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F64, 2, 3);
      assertThatThrownBy(() -> a.reshape(4, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("reshape to [4, 2] of [2, 3] F64");
      assertThatThrownBy(() -> a.permute(0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("permute to [0, 0] of [2, 3] F64");
      assertThatThrownBy(() -> a.narrow(1, 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("narrow of [2, 3] F64");
      assertThatThrownBy(() -> a.select(2, 0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> a.size(2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(a::item)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("item of [2, 3] F64");
      assertThatThrownBy(() -> Linalg.eigh(a))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("eigh of [2, 3] F64");
    }
  }

  @Test
  void negativeDimensionsCountFromTheEnd() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F64, 2, 3);
      assertThat(a.size(-1)).isEqualTo(3);
      assertThat(a.sum(-2).shape()).containsExactly(3);
      assertThat(a.unsqueeze(-1).shape()).containsExactly(2, 3, 1);
    }
  }

  @Test
  void emptyTensorsAreTensors() {
    try (var _ = new TensorScope()) {
      Tensor none = Tensor.of(new double[0], 0, 3);
      assertThat(none.elements()).isZero();
      assertThat(none.toDoubles()).isEmpty();
      assertThat(none.segment().byteSize()).isZero();
      assertThat(none.sum().item()).isZero();
      assertThat(none.sum(0).toDoubles()).containsExactly(0, 0, 0);
      assertThat(none.add(1).shape()).containsExactly(0, 3);
      assertThat(none.transpose().matmul(none).toDoubles()).containsExactly(new double[9]);
      Tensor some = Tensor.full(1, DType.F64, 2, 3);
      assertThat(Tensor.concatenate(List.of(none, some), 0).shape()).containsExactly(2, 3);
      assertThat(some.narrow(0, 2, 0).shape()).containsExactly(0, 3);
      assertThat(none.copy().leaf().detach().to(DType.F32).toFloats()).isEmpty();
      assertThat(Linalg.singularValues(none).toDoubles()).isEmpty();
      assertThat(Tensor.view(none.segment(), DType.F64, 0).elements()).isZero();
      assertThat(none.isFinite()).isTrue();
      assertThatThrownBy(none::max)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("max of [0, 3] F64");
      assertThatThrownBy(none::item).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aNumberIsATensorWithoutDimensions() {
    try (var _ = new TensorScope()) {
      Tensor five = Tensor.of(new double[] {5});
      assertThat(five.rank()).isZero();
      assertThat(five.shape()).isEmpty();
      assertThat(five.elements()).isEqualTo(1);
      assertThat(five.item()).isEqualTo(5);
      assertThat(five.segment().byteSize()).isEqualTo(8);
      assertThat(five).hasToString("Tensor[] F64");
      assertThat(five.mul(Tensor.of(new double[] {1, 2}, 2)).toDoubles()).containsExactly(5, 10);
      assertThat(five.reshape(1, 1).reshape().rank()).isZero();
      assertThat(Tensor.einsum("i,i->", five.reshape(1), five.reshape(1)).shape()).isEmpty();
      assertThatThrownBy(five::transpose).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> five.size(0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anIndexOutsideIsRefused() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F64, 2, 3);
      Tensor outside = Tensor.of(new long[] {3}, 1);
      assertThatThrownBy(() -> a.indexSelect(1, outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("indexSelect of [2, 3] F64 and [1] I64");
      assertThatThrownBy(() -> a.gather(1, outside.reshape(1, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gather of [2, 3] F64 and [1, 1] I64");
    }
  }

  @Test
  void padToRefusesASmallerSize() {
    try (var _ = new TensorScope()) {
      assertThatThrownBy(() -> Tensor.zeros(DType.F64, 2, 3).padTo(2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("padTo");
    }
  }

  @Test
  void indicesOfTheLargest() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.of(new double[] {1, 9, 3, 7, 5, 6}, 2, 3);
      assertThat(a.argmax(1).toLongs()).containsExactly(1, 0);
      assertThat(a.argmax(0).toLongs()).containsExactly(1, 0, 1);
    }
  }

  @Test
  void randomTensorsAreNormalAndTheSameForOneSeed() {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(42).normal(DType.F64, 200, 500);
      assertThat(a.toDoubles())
          .isEqualTo(new RandomTensors(42).normal(DType.F64, 100_000).toDoubles());
      assertThat(a.sub(new RandomTensors(43).normal(DType.F64, 200, 500)).norm().item())
          .isGreaterThan(1);
      // four standard errors of 100 000 samples
      assertThat(Math.abs(a.mean().item())).isLessThan(4 / Math.sqrt(1e5));
      assertThat(Math.abs(a.square().mean().item() - 1)).isLessThan(4 * Math.sqrt(2 / 1e5));
    }
  }
}
