package io.karipap.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratorTest {

  private static final int DRAWS = 600;

  @ParameterizedTest
  @CsvSource({
    // the model's distribution is 0.1 0.4 0.2 0.3
    "1, 0, 1, 0.1 0.4 0.2 0.3",
    "1, 4, 1, 0.1 0.4 0.2 0.3",
    "1, 9, 1, 0.1 0.4 0.2 0.3",
    "1, 2, 1, 0 0.571428571 0 0.428571429", // 4 / 7, 3 / 7
    "1, 1, 1, 0 1 0 0",
    "1, 0, 0.3, 0 1 0 0",
    "1, 0, 0.6, 0 0.571428571 0 0.428571429", // 0.4 is not enough
    "1, 0, 0.8, 0 0.444444444 0.222222222 0.333333333",
    "1, 3, 0.7, 0 0.571428571 0 0.428571429", // 0.7 of the three that are left: 4 / 9 + 3 / 9
    "0.5, 0, 1, 0.033333333 0.533333333 0.133333333 0.3", // squares, over their sum 0.3
    "0.5, 0, 0.85, 0 0.551724138 0.137931034 0.310344828",
    "0.001, 0, 1, 0 1 0 0",
    "0, 0, 1, 0 1 0 0"
  })
  void tokensComeAsOftenAsTheyAreProbable(
      double temperature, int topK, double topP, String probabilities) {
    try (var _ = new TensorScope()) {
      double[] logits = Arrays.stream(new double[] {0.1, 0.4, 0.2, 0.3}).map(Math::log).toArray();
      Decoder model =
          TinyModel.bigram(new double[][] {logits, logits, logits, logits}, DRAWS + 1, "{}");
      int[] counts = new int[4];
      Sampling sampling = new Sampling(temperature, topK, topP, 7);
      int count =
          new Generator(model, sampling)
              .generate(
                  new int[] {0},
                  DRAWS,
                  id -> {
                    counts[id]++;
                    return true;
                  });
      assertThat(count).isEqualTo(DRAWS);
      double[] expected =
          Arrays.stream(probabilities.split(" ")).mapToDouble(Double::parseDouble).toArray();
      for (int i = 0; i < 4; i++) {
        // four standard deviations of a binomial
        double deviation = Math.sqrt(expected[i] * (1 - expected[i]) / DRAWS);
        assertThat((double) counts[i] / DRAWS)
            .as("share of token %d", i)
            .isCloseTo(expected[i], within(4 * deviation + 1e-9));
      }
    }
  }

  @Test
  void theSeedDecidesTheText() {
    try (var _ = new TensorScope()) {
      Decoder model = TinyModel.bigram(new double[6][6], 64, "{}");
      assertThat(text(model, new Sampling(1, 0, 1, 1), 40, 0))
          .isEqualTo(text(model, new Sampling(1, 0, 1, 1), 40, 0))
          .isNotEqualTo(text(model, new Sampling(1, 0, 1, 2), 40, 0));
    }
  }

  @Test
  void greedyTextIsTheLikeliestTokenOfTheWholeSequenceEachTime() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture("{'num_key_value_heads': 1}");
      Weights weights = TinyModel.weights(architecture, 1);
      List<Integer> expected = new ArrayList<>(List.of(3, 1, 4));
      NaiveDecoder naive = new NaiveDecoder(architecture, weights);
      for (int i = 0; i < 12; i++) {
        double[] last =
            naive.logits(expected.stream().mapToInt(id -> id).toArray())[expected.size() - 1];
        expected.add(
            IntStream.range(0, 17)
                .boxed()
                .max((a, b) -> Double.compare(last[a], last[b]))
                .orElseThrow());
      }
      Decoder model = new Decoder(architecture, TinyModel.single(weights));
      assertThat(text(model, Sampling.GREEDY, 12, 3, 1, 4)).isEqualTo(expected.subList(3, 15));
    }
  }

  /** After every token comes the next one. */
  private static Decoder counting(int context, String overrides) {
    double[][] logits = new double[10][10];
    for (int i = 0; i < 10; i++) {
      logits[i][(i + 1) % 10] = 20;
    }
    return TinyModel.bigram(logits, context, overrides);
  }

  @Test
  void anEndOfSequenceTokenEndsTheTextAndIsNotGiven() {
    try (var _ = new TensorScope()) {
      assertThat(text(counting(64, "{'eos_token_id': 5}"), Sampling.GREEDY, 20, 0))
          .containsExactly(1, 2, 3, 4);
      assertThat(text(counting(64, "{'eos_token_id': [9, 7]}"), Sampling.GREEDY, 20, 0))
          .containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(text(counting(64, "{'eos_token_id': 1}"), Sampling.GREEDY, 20, 0)).isEmpty();
    }
  }

  @Test
  void theContextEndsTheText() {
    try (var _ = new TensorScope()) {
      // seven places are left after the prompt, and the last of them predicts one more
      assertThat(text(counting(8, "{}"), Sampling.GREEDY, 20, 0))
          .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(text(counting(8, "{}"), Sampling.GREEDY, 3, 0)).containsExactly(1, 2, 3);
      assertThat(text(counting(8, "{}"), Sampling.GREEDY, 0, 0)).isEmpty();
    }
  }

  @Test
  void ofAPromptLongerThanTheContextItsEndIsRead() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder model =
          new Decoder(architecture, TinyModel.single(TinyModel.weights(architecture, 2)));
      int[] prompt = TinyModel.ids(architecture, 40, 3);
      int[] end = Arrays.copyOfRange(prompt, 16, 40);
      List<Integer> text = text(model, Sampling.GREEDY, 5, prompt);
      assertThat(text).hasSize(1).isEqualTo(text(model, Sampling.GREEDY, 5, end));
    }
  }

  @Test
  void theSinkStopsTheText() {
    try (var _ = new TensorScope()) {
      List<Integer> ids = new ArrayList<>();
      int count =
          new Generator(counting(64, "{}"), Sampling.GREEDY)
              .generate(
                  new int[] {0},
                  20,
                  id -> {
                    ids.add(id);
                    return id != 4;
                  });
      assertThat(ids).containsExactly(1, 2, 3, 4);
      assertThat(count).isEqualTo(4);
    }
  }

  @Test
  void anEmptyPromptIsRefused() {
    try (var _ = new TensorScope()) {
      Generator generator = new Generator(counting(8, "{}"), Sampling.GREEDY);
      assertThatThrownBy(() -> generator.generate(new int[0], 5, _ -> true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least one token");
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 1", "NaN, 0, 1", "1, -1, 1", "1, 0, 0", "1, 0, 1.5", "1, 0, NaN"})
  void samplingOutOfRangeIsRefused(double temperature, int topK, double topP) {
    assertThatThrownBy(() -> new Sampling(temperature, topK, topP, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Integer> text(Decoder model, Sampling sampling, int limit, int... prompt) {
    List<Integer> ids = new ArrayList<>();
    int count = new Generator(model, sampling).generate(prompt, limit, ids::add);
    assertThat(count).isEqualTo(ids.size());
    return ids;
  }
}
