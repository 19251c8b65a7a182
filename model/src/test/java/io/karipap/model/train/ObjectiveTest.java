package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectiveTest {

  private static final double STEP = 1e-5;

  @Test
  void nextTokenLossIsTheMeanNegativeLogLikelihood() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Weights weights = TinyModel.weights(architecture, 1);
      int[] ids = TinyModel.ids(architecture, 9, 2);
      double[][] logits = new NaiveDecoder(architecture, weights).logits(Arrays.copyOf(ids, 8));
      double expected = 0;
      for (int t = 0; t < 8; t++) {
        double sum = Arrays.stream(logits[t]).map(Math::exp).sum();
        expected -= (logits[t][ids[t + 1]] - Math.log(sum)) / 8;
      }
      Decoder decoder = new Decoder(architecture, weights, DType.F64);
      assertThat(Objective.nextToken(decoder, TinyModel.tensor(ids)).item())
          .isCloseTo(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'attention_bias': true, 'mlp_bias': true, 'num_key_value_heads': 1}",
        "{'tie_word_embeddings': true, 'head_dim': 4}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 2}",
        "{'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0}}"
      })
  void gradientsAreThoseOfCentralDifferences(String overrides) {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture(overrides);
      check(architecture, TinyModel.weights(architecture, 3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'tie_word_embeddings': true}"})
  void gradientsByTheCoresOfFactorizedMatricesAreThoseOfCentralDifferences(String overrides) {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture(overrides);
      check(
          architecture, TinyModel.factorized(architecture, TinyModel.weights(architecture, 4), 5));
    }
  }

  /** Every parameter tensor along two random directions, which no wrong element escapes. */
  private static void check(Architecture architecture, Weights weights) {
    long[] flat = Arrays.stream(TinyModel.ids(architecture, 14, 6)).asLongStream().toArray();
    Tensor ids = Tensor.of(flat, 2, 7);
    Weights variables = weights.map(Tensor::leaf);
    List<Tensor> tensors = weights.tensors();
    List<Tensor> gradients =
        Autograd.gradients(loss(architecture, variables, ids), variables.tensors());
    RandomTensors random = new RandomTensors(7);
    for (int i = 0; i < tensors.size(); i++) {
      Tensor moved = tensors.get(i);
      for (int repeat = 0; repeat < 2; repeat++) {
        Tensor normal = random.normal(DType.F64, moved.shape());
        Tensor direction = normal.mul(1 / normal.norm().item());
        double above = loss(architecture, moved(weights, moved, direction.mul(STEP)), ids).item();
        double below = loss(architecture, moved(weights, moved, direction.mul(-STEP)), ids).item();
        double expected = (above - below) / (2 * STEP);
        assertThat(gradients.get(i).mul(direction).sum().item())
            .as("derivative by tensor %d of shape %s", i, Arrays.toString(moved.shape()))
            .isCloseTo(expected, within(1e-6 * Math.max(Math.abs(expected), 1e-3)));
      }
      assertThat(gradients.get(i).norm().item()).isGreaterThan(1e-6);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the tensor that is to be moved, not one like it
  private static Weights moved(Weights weights, Tensor tensor, Tensor shift) {
    UnaryOperator<Tensor> move = t -> t == tensor ? t.add(shift) : t;
    return weights.map(move);
  }

  private static Tensor loss(Architecture architecture, Weights weights, Tensor ids) {
    return Objective.nextToken(new Decoder(architecture, weights, DType.F64), ids);
  }
}
