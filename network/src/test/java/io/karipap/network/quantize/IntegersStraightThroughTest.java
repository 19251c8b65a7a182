package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.Dense;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Quantized;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntegersStraightThroughTest extends NetworkTest {

  private static Quantized coded(Tensor w) {
    ScaledIntegers integers =
        WaterFilling.of(Metric.identity(w.size(1)), w.size(0))
            .round(w, 0.02, Trellis.none())
            .integers();
    return Quantized.of(new Dense(w.to(DType.F32)), List.of(integers));
  }

  private static ScaledIntegers integers(Quantized q) {
    return (ScaledIntegers) q.tensors().getFirst();
  }

  /** Latent numbers that are the values of the integers are rounded to these. */
  @Test
  void whatIsRoundedStaysWhatItIs() {
    Quantized q = coded(normal(1, 12, 9));
    Tensor latent = q.matrix();
    assertThat(distance(StraightThrough.through(q, List.of(latent)).matrix(), latent))
        .isLessThan(1e-6);
    ScaledIntegers frozen = integers(StraightThrough.freeze(q, List.of(latent)));
    assertThat(frozen.levels()).isEqualTo(integers(q).levels());
    assertThat(CodedIntegers.decode(frozen.stream(), 12, 9)).isEqualTo(frozen.levels());
  }

  /** From 0.65 of a step on, a number leaves zero; what is computed with is what is stored. */
  @Test
  void numbersAreDrawnTowardsZero() {
    Quantized q = coded(normal(2, 3, 4));
    ScaledIntegers grid = integers(q);
    Tensor steps = grid.rows().matmul(grid.columns());
    for (double part : new double[] {0.64, 0.66, -0.64, -0.66, 1.64, 1.66}) {
      Tensor latent = steps.mul(part);
      double expected = Math.copySign(Math.floor(Math.abs(part) + 0.35), part);
      Quantized frozen = StraightThrough.freeze(q, List.of(latent));
      assertThat(integers(frozen).levels()).containsOnly((byte) expected);
      Tensor computed = StraightThrough.through(q, List.of(latent)).matrix();
      assertThat(computed.sub(frozen.matrix()).abs().max().item()).isLessThan(1e-6);
    }
  }

  /** The gradient by a latent number is that by the value; by a scale it is exact. */
  @Test
  void gradientsPass() {
    Quantized q = coded(normal(3, 5, 6));
    Tensor latent = q.matrix().add(0.01).leaf();
    Tensor rows = integers(q).rows().leaf();
    Quantized trained =
        Quantized.of(
            q.structure(),
            List.of(integers(q).withVariables(List.of(rows, integers(q).columns()))));
    Tensor weights = normal(4, 5, 6).to(DType.F32);
    Tensor sum = StraightThrough.through(trained, List.of(latent)).matrix().mul(weights).sum();
    List<Tensor> gradients = Autograd.gradients(sum, List.of(latent, rows));
    assertThat(distance(gradients.getFirst(), weights)).isLessThan(1e-6);
    // d V / d a_i = K_ij b_j = V_ij / a_i
    double expected = q.matrix().mul(weights).select(0, 2).sum().item() / rows.toFloats()[2];
    assertThat(gradients.getLast().toFloats()[2]).isCloseTo((float) expected, within(1e-3f));
  }
}
