package io.karipap.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitializationTest {

  private static final Architecture ARCHITECTURE =
      TinyModel.architecture(
          """
          {'hidden_size': 64, 'intermediate_size': 96, 'num_hidden_layers': 3, 'vocab_size': 100,
           'attention_bias': true, 'mlp_bias': true}
          """);

  @Test
  void matricesAreNormalWithThePublishedDeviations() {
    try (var _ = new TensorScope()) {
      Weights weights = Initialization.random(ARCHITECTURE, 1);
      for (MatrixSpec name : ARCHITECTURE.matrices()) {
        // 0.02, and 0.02 / sqrt(2 * 3) for the two that write to the residual stream of 3 layers
        boolean residual = name.name().endsWith("o_proj") || name.name().endsWith("down_proj");
        double expected = residual ? 0.02 / Math.sqrt(6) : 0.02;
        double[] values = weights.matrix(name.name()).matrix().toDoubles();
        double n = values.length;
        double mean = Arrays.stream(values).sum() / n;
        double variance = Arrays.stream(values).map(x -> x * x).sum() / n - mean * mean;
        double fourth = Arrays.stream(values).map(x -> x * x * x * x).sum() / n;
        // four standard deviations of each statistic
        assertThat(mean).as(name.name()).isCloseTo(0, within(4 * expected / Math.sqrt(n)));
        assertThat(Math.sqrt(variance))
            .as(name.name())
            .isCloseTo(expected, within(4 * expected / Math.sqrt(2 * n)));
        assertThat(fourth / (variance * variance))
            .as("kurtosis of " + name.name())
            .isCloseTo(3, within(4 * Math.sqrt(24 / n)));
      }
    }
  }

  @Test
  void gainsAreOneAndBiasesZero() {
    try (var _ = new TensorScope()) {
      Weights weights = Initialization.random(ARCHITECTURE, 2);
      weights
          .vectors()
          .forEach((name, v) ->
              assertThat(v.toDoubles()).as(name).containsOnly(name.endsWith("bias") ? 0 : 1));
    }
  }

  @Test
  void theSeedDecides() {
    try (var _ = new TensorScope()) {
      double[] once = first(3);
      assertThat(first(3)).containsExactly(once);
      assertThat(first(4)).isNotEqualTo(once);
    }
  }

  private static double[] first(long seed) {
    return Initialization.random(ARCHITECTURE, seed).tensors().getFirst().toDoubles();
  }

  @Test
  void everyParameterThatADecoderNeedsIsThere() {
    try (var _ = new TensorScope()) {
      Decoder decoder = new Decoder(ARCHITECTURE, Initialization.random(ARCHITECTURE, 5));
      assertThat(decoder.logits(TinyModel.tensor(1, 2, 3)).shape()).containsExactly(1, 3, 100);
    }
  }
}
