package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.network.Dense;
import io.karipap.network.NetworkTest;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundToNearestTest extends NetworkTest {

  private static QuantizationScheme full(String format, int group) {
    return QuantizationScheme.of(format, group).fullRange();
  }

  @Test
  void agreesWithACaseWorkedByHand() {
    // int3: scale 6 / 3 = 2; 5 is 2.5 steps, the even one is not preferred: the lower one is
    Tensor w = Tensor.of(new double[] {6, -1.5, 0.5, 2.9, 0, 7, 3.5, -0.4}, 2, 4);

    QuantizedTensor symmetric = RoundToNearest.quantize(w, full("int3", 4));

    assertThat(symmetric.scales().toDoubles()[0]).isEqualTo(2);
    assertThat(symmetric.values().select(0, 0).toDoubles()).containsExactly(6, -2, 0, 2);

    // uint2: from -1.5 to 6 in three steps of 2.5, nought at code round(0.6) = 1
    QuantizedTensor asymmetric = RoundToNearest.quantize(w, full("uint2", 4));
    assertThat(asymmetric.scales().toDoubles()[0]).isEqualTo(2.5);
    assertThat(asymmetric.zero(0, 0)).isEqualTo(1);
    assertThat(asymmetric.values().select(0, 0).toDoubles()).containsExactly(5, -2.5, 0, 2.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int2", "int3", "int4", "int8", "uint2", "uint3", "uint4", "uint5", "uint8", "apot2",
        "apot4", "apot5", "lloyd2", "lloyd4"
      })
  void noNumberMovesByMoreThanHalfAStep(String label) {
    ScalarFormat format = ScalarFormat.of(label);
    double widest = 0;
    for (int i = 1; i < format.levels().size(); i++) {
      widest = Math.max(widest, format.levels().get(i) - format.levels().get(i - 1));
    }
    for (ScaleType type : ScaleType.values()) {
      Tensor w = normal(5, 40, 50).add(0.3).mul(normal(6, 40, 1).mul(0.05));
      QuantizedTensor q =
          RoundToNearest.quantize(w, new QuantizationScheme(format, 16, type, false));
      Tensor step = q.scales().to(io.karipap.tensor.DType.F64).mul(widest * 0.5 * (1 + 1e-5));
      double[] errors = q.values().sub(w).abs().toDoubles();
      double[] bounds = step.toDoubles();
      for (int at = 0; at < errors.length; at++) {
        assertThat(errors[at]).isLessThanOrEqualTo(bounds[at / 50 * 4 + at % 50 / 16]);
      }
      // 50 = 16 + 16 + 16 + 2
      assertThat(q.scales().shape()).containsExactly(40, 4);
      assertThat(q.scales().to(q.storedScales()).toDoubles()).isEqualTo(q.scales().toDoubles());
    }
  }

  @Test
  void theSearchLowersTheErrorOfEveryGroup() {
    Tensor w = normal(5, 8, 96);
    for (String label : new String[] {"int3", "uint3", "apot3"}) {
      double[] plain = groupErrors(w, full(label, 32));
      double[] searched = groupErrors(w, QuantizationScheme.of(label, 32));
      double before = 0;
      double after = 0;
      for (int i = 0; i < plain.length; i++) {
        assertThat(searched[i]).isLessThanOrEqualTo(plain[i] * (1 + 1e-6));
        before += plain[i];
        after += searched[i];
      }
      assertThat(after).isLessThan(0.95 * before);
    }
  }

  private static double[] groupErrors(Tensor w, QuantizationScheme scheme) {
    Tensor error = RoundToNearest.quantize(w, scheme).values().sub(w).square();
    return error.reshape(-1, 32).sum(1).toDoubles();
  }

  @Test
  void groupsOfNoughtsStayNoughts() {
    for (String label : new String[] {"int4", "uint4", "apot4", "ternary"}) {
      Tensor zero = normal(1, 3, 20).mul(0);
      assertThat(
              RoundToNearest.quantize(zero, QuantizationScheme.of(label, 8))
                  .values()
                  .abs()
                  .max()
                  .item())
          .isZero();
    }
  }

  @Test
  void eightBitsOfOneSignNeedNoHalfRange() {
    Tensor w = normal(2, 4, 64).abs();
    double signed = distance(RoundToNearest.quantize(w, full("int4", 64)).values(), w);
    double unsigned = distance(RoundToNearest.quantize(w, full("uint4", 64)).values(), w);
    assertThat(unsigned / signed).isCloseTo(7.0 / 15, within(0.12));
  }

  @Test
  void coresOfAnyShapeAreRounded() {
    var pepo = random(ring(), 3);
    Quantized q = RoundToNearest.quantize(pepo, QuantizationScheme.of("int8", 32));
    assertThat(distance(q.matrix(), pepo.matrix())).isLessThan(0.02).isPositive();
    assertThat(q.rows()).isEqualTo(36);
    assertThat(q.parameters())
        .isEqualTo(pepo.parameters() + q.cores().stream().mapToLong(Tensor::elements).sum());
  }

  @Test
  void refusesWhatHasNoScale() {
    Tensor infinite = Tensor.of(new double[] {1, Double.POSITIVE_INFINITY}, 1, 2);
    assertThatThrownBy(() -> RoundToNearest.quantize(infinite, full("int4", 2)))
        .hasMessageContaining("not finite");
    Tensor huge = Tensor.of(new double[] {1, 1e9}, 1, 2);
    assertThatThrownBy(() -> RoundToNearest.quantize(huge, full("int4", 2)))
        .hasMessageContaining("F16");
    QuantizationScheme wide =
        new QuantizationScheme(ScalarFormat.of("int4"), 2, ScaleType.BF16, false);
    assertThat(RoundToNearest.quantize(huge, wide).values().max().item())
        .isCloseTo(1e9, within(1e7));
    assertThatThrownBy(
            () -> RoundToNearest.quantize(RoundToNearest.quantize(new Dense(huge), wide), wide))
        .hasMessageContaining("coded already");
  }
}
