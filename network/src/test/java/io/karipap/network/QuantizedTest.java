package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuantizedTest extends NetworkTest {

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  /** A [2, 3] tensor of uint4 in groups of two and one. */
  private static QuantizedTensor tensor(Tensor scales) {
    return new QuantizedTensor(
        ScalarFormat.of("uint4"),
        GroupLayout.of(2, 2, 3),
        ScaleType.F16,
        bytes(0, 15, 7, 3, 4, 5),
        bytes(8, 7, 0, 15),
        scales,
        Optional.empty());
  }

  private static Tensor scales() {
    return Tensor.of(new double[] {0.5, 2, 1, 0.25}, 2, 2);
  }

  @Test
  void aCodeStandsForItsScaledDistanceFromTheZeroPoint() {
    assertThat(tensor(scales()).values().toDoubles())
        .containsExactly(0.5 * (0 - 8), 0.5 * (15 - 8), 2 * (7 - 7), 3, 4, 0.25 * (5 - 15));
    assertThat(tensor(scales()).parameters()).isEqualTo(6 + 4 + 4);
  }

  @Test
  void aShiftIsAdded() {
    QuantizedTensor ternary =
        new QuantizedTensor(
            ScalarFormat.of("ternary"),
            GroupLayout.of(0, 2, 2),
            ScaleType.BF16,
            bytes(0, 1, 2, 0),
            bytes(),
            Tensor.of(new double[] {2, 3}, 2, 1),
            Optional.of(Tensor.of(new double[] {0.5, -1}, 2, 1)));
    assertThat(ternary.values().toDoubles()).containsExactly(-1.5, 0.5, 2, -4);
  }

  @Test
  void scalesHaveTheGradientOfFiniteDifferences() {
    Tensor x = normal(1, 4, 3);
    Tensor target = normal(2, 4, 2);
    Quantized matrix = Quantized.of(new Dense(normal(3, 2, 3)), List.of(tensor(scales().leaf())));
    double[] gradient =
        Autograd.gradients(matrix.apply(x).sub(target).square().sum(), matrix.cores())
            .getFirst()
            .toDoubles();
    for (int k = 0; k < 4; k++) {
      double[] slope = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = scales().toDoubles();
        moved[k] += side == 0 ? 1e-5 : -1e-5;
        Tensor y = matrix.withCores(List.of(Tensor.of(moved, 2, 2))).apply(x);
        slope[side] = y.sub(target).square().sum().item();
      }
      assertThat(gradient[k])
          .isCloseTo((slope[0] - slope[1]) / 2e-5, within(1e-5 * (1 + Math.abs(gradient[k]))));
    }
  }

  @Test
  void codesOutliveTheScopeTheyWereMadeIn() {
    Quantized outer;
    try (var _ = new TensorScope()) {
      outer = Quantized.of(new Dense(normal(3, 2, 3)), List.of(tensor(scales())));
    }
    Quantized revived = outer.withCores(List.of(scales()));
    assertThat(revived.matrix().toDoubles()).isEqualTo(tensor(scales()).values().toDoubles());
    assertThat(revived.rows()).isEqualTo(2);
    assertThat(revived.columns()).isEqualTo(3);
    assertThat(revived.elements()).isEqualTo(6);
  }

  @Test
  void partsThatDoNotFitAreRefused() {
    GroupLayout groups = GroupLayout.of(2, 2, 3);
    ScalarFormat uint2 = ScalarFormat.of("uint2");
    Tensor scales = scales();
    Optional<Tensor> none = Optional.empty();
    ScaleType half = ScaleType.F16;
    refused(
        "5 codes",
        () ->
            new QuantizedTensor(
                uint2, groups, half, bytes(0, 1, 2, 3, 0), bytes(0, 0, 0, 0), scales, none));
    refused(
        "is 4, the format has 0 to 3",
        () ->
            new QuantizedTensor(
                uint2, groups, half, bytes(0, 1, 2, 3, 0, 4), bytes(0, 0, 0, 0), scales, none));
    refused(
        "zero points",
        () ->
            new QuantizedTensor(
                uint2, groups, half, bytes(0, 1, 2, 3, 0, 1), bytes(0), scales, none));
    refused(
        "scales have shape",
        () ->
            new QuantizedTensor(
                uint2,
                groups,
                half,
                bytes(0, 1, 2, 3, 0, 1),
                bytes(0, 0, 0, 0),
                scales.reshape(4),
                none));
    refused(
        "shifts",
        () ->
            new QuantizedTensor(
                ScalarFormat.of("ternary"),
                groups,
                half,
                bytes(0, 1, 2, 2, 0, 1),
                bytes(),
                scales,
                none));
    refused("groups of 3", () -> new GroupLayout(List.of(2L, 2L), 2, 2, 3));
    refused("not a tensor of shape", () -> new GroupLayout(List.of(2L, 2L), 2, 3, 3));
  }

  private static void refused(String message, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void sumsAddMatricesAndShareOutCores() {
    Sum sum = new Sum(new Dense(normal(1, 4, 5)), new LowRank(normal(2, 4, 2), normal(3, 2, 5)));
    Tensor expected = normal(1, 4, 5).add(normal(2, 4, 2).matmul(normal(3, 2, 5)));
    Tensor x = normal(4, 6, 5);

    assertThat(distance(sum.matrix(), expected)).isLessThan(1e-15);
    assertThat(distance(sum.apply(x), x.matmul(expected.transpose()))).isLessThan(1e-14);
    assertThat(sum.parameters()).isEqualTo(20 + 18);
    assertThat(sum.withCores(sum.cores()).matrix().toDoubles()).isEqualTo(sum.matrix().toDoubles());
    refused("cannot be added", () -> new Sum(sum, new Dense(normal(1, 5, 4))));
  }

  @Test
  void sparseMatricesAreTheirMarkedElements() {
    Tensor w = normal(1, 3, 7);
    Sparse sparse = Sparse.of(w, (row, column) -> (row + column) % 3 == 0);
    double[] matrix = sparse.matrix().toDoubles();
    double[] all = w.toDoubles();
    for (int at = 0; at < all.length; at++) {
      assertThat(matrix[at]).isEqualTo((at / 7 + at % 7) % 3 == 0 ? all[at] : 0);
    }
    assertThat(sparse.mask().byteSize()).isEqualTo(3);
    Tensor x = normal(2, 4, 7);
    assertThat(distance(sparse.apply(x), x.matmul(sparse.matrix().transpose()))).isLessThan(1e-14);

    // the derivative of the sum of all elements by each value is one
    Tensor leaf = sparse.values().leaf();
    Tensor sum = sparse.withCores(List.of(leaf)).matrix().sum();
    assertThat(Autograd.gradients(sum, List.of(leaf)).getFirst().toDoubles()).containsOnly(1);
  }

  @Test
  void bitmapsThatDoNotFitAreRefused() {
    Tensor values = Tensor.zeros(DType.F64, 2);
    refused("has 1 bytes, not 2", () -> new Sparse(2, 3, bytes(3, 0), values));
    refused("behind its last", () -> new Sparse(2, 3, bytes(0b10000001), values));
    refused("has 1 elements", () -> new Sparse(2, 3, bytes(4), values));
  }
}
