package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.LowRank;
import io.karipap.network.NetworkTest;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StraightThroughTest extends NetworkTest {

  private static final double STEP = 1e-5;

  private static QuantizedTensor wide(QuantizedTensor q) {
    return q.withVariables(q.variables().stream().map(v -> v.to(DType.F64)).toList());
  }

  /** A loss that is not symmetric in anything. */
  private static Tensor loss(Tensor v) {
    Tensor target = normal(77, v.shape());
    return v.sub(target).square().mul(normal(78, v.shape()).square()).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3", "uint4", "apot4", "lloyd2", "ternary"})
  void variablesHaveTheSlopeOfFiniteDifferences(String label) {
    Tensor latent = normal(1, 5, 20);
    QuantizedTensor grids = wide(RoundToNearest.quantize(latent, QuantizationScheme.of(label, 8)));
    List<Tensor> leaves = grids.variables().stream().map(Tensor::leaf).toList();
    List<Tensor> gradients =
        Autograd.gradients(
            loss(StraightThrough.round(latent, grids.withVariables(leaves))), leaves);
    for (int part = 0; part < leaves.size(); part++) {
      double[] gradient = gradients.get(part).toDoubles();
      for (int k = 0; k < gradient.length; k++) {
        double slope =
            (moved(latent, grids, part, k, STEP) - moved(latent, grids, part, k, -STEP))
                / (2 * STEP);
        assertThat(gradient[k]).isCloseTo(slope, within(1e-5 * (1 + Math.abs(slope))));
      }
    }
  }

  private static double moved(Tensor latent, QuantizedTensor grids, int part, int k, double step) {
    List<Tensor> variables = new ArrayList<>(grids.variables());
    double[] values = variables.get(part).toDoubles();
    values[k] += step;
    variables.set(part, Tensor.of(values, variables.get(part).shape()));
    return loss(StraightThrough.round(latent, grids.withVariables(variables))).item();
  }

  @Test
  void latentsHaveTheSlopeOfTheirRoundedNumbersWithinTheRangeAndNoneBeyond() {
    Tensor latent = normal(1, 5, 20);
    QuantizedTensor grids =
        wide(
            RoundToNearest.quantize(latent.mul(0.5), QuantizationScheme.of("int3", 8).fullRange()));
    Tensor leaf = latent.leaf();
    double[] gradient =
        Autograd.gradients(loss(StraightThrough.round(leaf, grids)), List.of(leaf))
            .getFirst()
            .toDoubles();
    double[] rounded = StraightThrough.round(latent, grids).toDoubles();
    double[] scales = grids.scales().toDoubles();
    double[] numbers = latent.toDoubles();
    int beyond = 0;
    for (int k = 0; k < gradient.length; k++) {
      double range = 3 * scales[k / 20 * 3 + k % 20 / 8];
      if (Math.abs(numbers[k]) > range) {
        beyond++;
        assertThat(gradient[k]).isZero();
      } else {
        double slope = (changed(rounded, k, STEP) - changed(rounded, k, -STEP)) / (2 * STEP);
        assertThat(gradient[k]).isCloseTo(slope, within(1e-5 * (1 + Math.abs(slope))));
      }
    }
    assertThat(beyond).isBetween(5, 60);
  }

  private static double changed(double[] values, int k, double step) {
    double[] moved = values.clone();
    moved[k] += step;
    return loss(Tensor.of(moved, 5, 20)).item();
  }

  @Test
  void aFrozenNetworkIsTheOneThatWasTrained() {
    LowRank pair = new LowRank(normal(1, 12, 4), normal(2, 4, 16));
    Quantized grids = RoundToNearest.quantize(pair, QuantizationScheme.of("int4", 16));
    List<Tensor> latents =
        pair.cores().stream().map(core -> core.add(normal(9, core.shape()).mul(0.1))).toList();

    Tensor trained = StraightThrough.through(grids, latents).matrix();

    Tensor frozen = StraightThrough.freeze(grids, latents).matrix().to(DType.F64);
    assertThat(distance(frozen, trained.to(DType.F64))).isLessThan(1e-6);
    assertThat(distance(trained.to(DType.F64), grids.matrix().to(DType.F64))).isPositive();
  }
}
