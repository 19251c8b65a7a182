package io.karipap.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.Windows.Window;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientStatisticsTest {

  /**
   * The exact expectation over the labels, from finite differences: tr G of a layer with a bias is
   * the sum over windows and positions s of sum_l p_s(l) (d log p_s(l) / d y_t)^2, and a bias that
   * moves at one position alone is what y_t is. Here the windows have one position, so that the
   * bias does.
   */
  @Test
  void matchesTheExactFisherInformationFromFiniteDifferences() {
    ModelConfig config = Tiny.config("{'attention_bias': true, 'head_dim': 6}");
    String layer = "model.layers.1.self_attn.v_proj";
    try (var _ = new TensorScope()) {
      Weights weights = Tiny.weights(config, 3);
      Decoder model = new Decoder(config, weights, DType.F64);
      Tensor ids = Tensor.range(0, config.vocabularySize()).reshape(-1, 1);
      int rows = model.weights().vector(layer + ".bias").size(0);
      double[] p = Functions.softmax(model.logits(ids)).toDoubles();
      double[][] slope = new double[rows][];
      for (int i = 0; i < rows; i++) {
        double[] up = log(config, weights, layer, i, 1e-5, ids);
        double[] down = log(config, weights, layer, i, -1e-5, ids);
        slope[i] = new double[up.length];
        for (int k = 0; k < up.length; k++) {
          slope[i][k] = (up[k] - down[k]) / 2e-5;
        }
      }
      double[] expected = new double[rows * rows];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < rows; j++) {
          for (int k = 0; k < p.length; k++) {
            expected[i * rows + j] += p[k] * slope[i][k] * slope[j][k] / config.vocabularySize();
          }
        }
      }
      double[] mean = sampled(model, layer, 4000, config.vocabularySize());
      double scale = 0;
      for (int i = 0; i < rows; i++) {
        scale = Math.max(scale, expected[i * rows + i]);
      }
      // 4000 draws of 17 labels: a standard error of about 1 / sqrt(68000) times a few
      assertThat(mean).containsExactly(expected, within(0.03 * scale));
    }
  }

  private static double[] log(
      ModelConfig config, Weights weights, String layer, int i, double step, Tensor ids) {
    Weights moved = new Weights(weights.matrices(), weights.vectors());
    double[] bias = weights.vector(layer + ".bias").toDoubles();
    bias[i] += step;
    moved.vectors().put(layer + ".bias", Tensor.of(bias, bias.length));
    return Functions.logSoftmax(new Decoder(config, moved, DType.F64).logits(ids)).toDoubles();
  }

  private static double[] sampled(Decoder model, String layer, int draws, int vocabulary) {
    List<TokenSequence> documents = new ArrayList<>();
    List<Window> windows = new ArrayList<>();
    for (int token = 0; token < vocabulary; token++) {
      documents.add(TokenSequence.of(token));
      for (int draw = 0; draw < draws; draw++) {
        windows.add(new Window(token, 0, 1));
      }
    }
    try (var statistics = GradientStatistics.collect(model, documents, windows, 7, _ -> {})) {
      assertThat(statistics.tokens()).isEqualTo((long) draws * vocabulary);
      return statistics.outputGradient(layer).toDoubles();
    }
  }
}
