package io.karipap.model.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.ReferenceTokens;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Dense;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
    Architecture architecture = TinyModel.architecture("{'attention_bias': true, 'head_dim': 6}");
    String layer = "model.layers.1.self_attn.v_proj";
    try (var _ = new TensorScope()) {
      Weights weights = TinyModel.weights(architecture, 3);
      Decoder model = new Decoder(architecture, weights, DType.F64);
      Tensor ids = Tensor.range(0, architecture.config().vocabularySize()).reshape(-1, 1);
      int rows = model.weights().vector(layer + ".bias").size(0);
      double[] p = Functions.softmax(model.logits(ids)).toDoubles();
      double[][] slope = new double[rows][];
      for (int i = 0; i < rows; i++) {
        double[] up = log(architecture, weights, layer, i, 1e-5, ids);
        double[] down = log(architecture, weights, layer, i, -1e-5, ids);
        slope[i] = new double[up.length];
        for (int k = 0; k < up.length; k++) {
          slope[i][k] = (up[k] - down[k]) / 2e-5;
        }
      }
      double[] expected = new double[rows * rows];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < rows; j++) {
          for (int k = 0; k < p.length; k++) {
            expected[i * rows + j] +=
                p[k] * slope[i][k] * slope[j][k] / architecture.config().vocabularySize();
          }
        }
      }
      double[] mean = sampled(model, layer, 1000, architecture.config().vocabularySize());
      double scale = 0;
      for (int i = 0; i < rows; i++) {
        scale = Math.max(scale, expected[i * rows + i]);
      }
      // 1000 draws of labels for each of 17 tokens
      assertThat(mean).containsExactly(expected, within(0.05 * scale));
    }
  }

  private static double[] log(
      Architecture architecture, Weights weights, String layer, int i, double step, Tensor ids) {
    Weights moved = new Weights(weights.matrices(), weights.vectors());
    double[] bias = weights.vector(layer + ".bias").toDoubles();
    bias[i] += step;
    moved.vectors().put(layer + ".bias", Tensor.of(bias, bias.length));
    return Functions.logSoftmax(new Decoder(architecture, moved, DType.F64).logits(ids))
        .toDoubles();
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

  /**
   * With several positions: the expectation over the labels of all of them, one derivative of one
   * log-probability at a time, as sum_s sum_l p_s(l) (d log p_s(l) / d y_t) (...)^T.
   */
  @Test
  void labelsOfDifferentPositionsDoNotInterfere() {
    Architecture architecture = TinyModel.architecture();
    String layer = "model.layers.0.mlp.down_proj";
    int[] sentence = TinyModel.ids(architecture, 4, 5);
    int draws = 20_000;
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Weights weights = TinyModel.weights(architecture, 4);
      Decoder model = new Decoder(architecture, weights, DType.F64);
      Dense table = (Dense) weights.matrix(TinyModel.EMBEDDINGS);
      Decoder variable = model.with(Map.of(TinyModel.EMBEDDINGS, new Dense(table.matrix().leaf())));
      double[] expected = new double[12 * 12];
      for (int s = 0; s < sentence.length; s++) {
        for (int label = 0; label < architecture.config().vocabularySize(); label++) {
          List<Tensor> y = new ArrayList<>();
          Tensor logits =
              variable.logits(
                  TinyModel.tensor(sentence), watching(layer, output -> y.add(owner.own(output))));
          Tensor log = Functions.logSoftmax(logits).select(0, 0).select(0, s).select(0, label);
          double p = Math.exp(log.detach().item());
          double[] g = Autograd.gradients(log, y).getFirst().toDoubles();
          for (int k = 0; k < sentence.length * 12 * 12; k++) {
            int t = k / 144;
            expected[k % 144] +=
                p * g[t * 12 + k % 144 / 12] * g[t * 12 + k % 12] / sentence.length;
          }
        }
      }
      List<Window> windows = Collections.nCopies(draws, new Window(0, 0, sentence.length));
      double largest = Arrays.stream(expected).max().orElseThrow();
      try (var statistics =
          GradientStatistics.collect(
              model, List.of(TokenSequence.of(sentence)), windows, 11, _ -> {})) {
        assertThat(statistics.outputGradient(layer).toDoubles())
            .containsExactly(expected, within(0.03 * largest));
      }
    }
  }

  private static ActivationObserver watching(String layer, Consumer<Tensor> outputs) {
    return new ActivationObserver() {
      @Override
      public void input(List<String> names, Tensor x) {}

      @Override
      public void output(String name, Tensor y) {
        if (name.equals(layer)) {
          outputs.accept(y);
        }
      }
    };
  }

  /**
   * tr(G D C D^T) / 2 against the KL divergence that a small random D brings about. The estimate
   * takes x and g to be independent, and the errors of different tokens not to add up. The first
   * costs queries and keys up to half of it, the second values: the inputs of different tokens are
   * alike, so are their errors, and attention averages over them without averaging them out. All
   * others are right to a quarter.
   */
  @Test
  void estimatesTheDivergenceOfASmallPerturbation() {
    try (var _ = new TensorScope();
        var loaded = LoadedModel.open(SharedFiles.model("stories260K"))) {
      Decoder model = loaded.decoder();
      List<TokenSequence> documents = ReferenceTokens.of("stories260K", 128);
      List<Window> windows = Windows.cut(documents, 128);
      try (var inputs = CalibrationStatistics.collect(model, documents, windows, _ -> {});
          var outputs = GradientStatistics.collect(model, documents, windows, 1, _ -> {})) {
        for (MatrixSpec matrix : model.architecture().matrices()) {
          if (matrix.block() != 4) {
            continue;
          }
          double ratio = 0;
          int seeds = 3;
          for (int seed = 0; seed < seeds; seed++) {
            try (var _ = new TensorScope()) {
              Tensor w = model.weights().matrix(matrix.name()).matrix().to(DType.F64);
              Tensor random = new RandomTensors(seed).normal(DType.F64, w.shape());
              Tensor d = random.mul(0.03 * w.norm().item() / random.norm().item());
              double estimate =
                  Tensor.einsum("ij,jk->ik", outputs.outputGradient(matrix.name()), d)
                          .matmul(inputs.covariance(matrix.name()))
                          .mul(d)
                          .sum()
                          .item()
                      / 2;
              Decoder moved = model.with(Map.of(matrix.name(), new Dense(w.add(d).to(DType.F32))));
              Evaluation measured =
                  Evaluation.of(moved, Optional.of(model), documents, windows, 1, _ -> {});
              ratio += estimate / measured.comparison().orElseThrow().kl() / seeds;
            }
          }
          assertThat(ratio).as(matrix.name()).isBetween(0.4, 2.0);
        }
      }
    }
  }

  @Test
  void aLayerThatWasNotSeenAndATextWithoutTokensAreRefused() {
    Architecture architecture = TinyModel.architecture();
    try (var _ = new TensorScope()) {
      Decoder model = new Decoder(architecture, TinyModel.weights(architecture, 6), DType.F64);
      List<TokenSequence> documents = List.of(TokenSequence.of(1, 2, 3));
      try (var statistics =
          GradientStatistics.collect(model, documents, Windows.cut(documents, 8), 0, _ -> {})) {
        assertThatThrownBy(() -> statistics.outputGradient("model.layers.2.mlp.up_proj"))
            .hasMessageContaining("model.layers.2.mlp.up_proj");
      }
      assertThatThrownBy(() -> GradientStatistics.collect(model, documents, List.of(), 0, _ -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
