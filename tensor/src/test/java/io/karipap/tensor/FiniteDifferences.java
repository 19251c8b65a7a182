package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Compares gradients with central differences in float64. */
final class FiniteDifferences {

  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-7;

  private FiniteDifferences() {}

  /**
   * Checks the gradient of sum(weights * f(inputs)), with fixed random weights of the result's
   * shape, by every element of every input.
   */
  static void check(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    Tensor weights;
    try (var scope = new TensorScope()) {
      long[] shape = f.apply(inputs).shape();
      weights = scope.keep(new RandomTensors(99).normal(DType.F64, shape));
    }
    List<Tensor> leaves = inputs.stream().map(Tensor::leaf).toList();
    List<Tensor> gradients = Autograd.gradients(f.apply(leaves).mul(weights).sum(), leaves);
    for (int i = 0; i < inputs.size(); i++) {
      assertThat(gradients.get(i).shape()).isEqualTo(inputs.get(i).shape());
      double[] gradient = gradients.get(i).toDoubles();
      for (int j = 0; j < gradient.length; j++) {
        double above = shifted(f, inputs, i, j, STEP, weights);
        double below = shifted(f, inputs, i, j, -STEP, weights);
        double expected = (above - below) / (2 * STEP);
        assertThat(gradient[j])
            .as("derivative by element %d of input %d", j, i)
            .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
      }
    }
  }

  private static double shifted(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      int input,
      int element,
      double shift,
      Tensor weights) {
    try (var _ = new TensorScope()) {
      double[] values = inputs.get(input).toDoubles();
      values[element] += shift;
      List<Tensor> moved = new ArrayList<>(inputs);
      moved.set(input, Tensor.of(values, inputs.get(input).shape()));
      return f.apply(moved).mul(weights).sum().item();
    }
  }
}
