package io.karipap.model.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderTest {

  /** What the architectures differ in, one by one and together. */
  static Stream<String> architectures() {
    return Stream.of(
        "{}",
        "{'num_attention_heads': 6, 'num_key_value_heads': 6}",
        "{'num_attention_heads': 6, 'num_key_value_heads': 2}",
        "{'num_attention_heads': 6, 'num_key_value_heads': 1}",
        "{'head_dim': 8}",
        "{'head_dim': 10, 'num_attention_heads': 4, 'num_key_value_heads': 2}",
        "{'attention_bias': true}",
        "{'mlp_bias': true}",
        "{'tie_word_embeddings': true}",
        "{'rms_norm_eps': 0.1}",
        "{'num_hidden_layers': 5, 'intermediate_size': 7}",
        "{'architectures': ['Qwen2ForCausalLM'], 'num_key_value_heads': 1, 'tie_word_embeddings': true}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 5}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 1}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 5, 'num_key_value_heads': 1}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 500}",
        "{'rope_scaling': {'rope_type': 'linear', 'factor': 3.0}}",
        "{'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
            + " 'high_freq_factor': 4.0, 'original_max_position_embeddings': 12}, 'head_dim': 16}",
        "{'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0, 'beta_fast': 3.0,"
            + " 'original_max_position_embeddings': 12}, 'head_dim': 16}",
        "{'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0, 'beta_fast': 3.0, 'truncate': false,"
            + " 'original_max_position_embeddings': 12, 'attention_factor': 0.7}, 'head_dim': 16}");
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void logitsAreThoseOfASecondImplementation(String overrides) {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture(overrides);
      Weights weights = TinyModel.weights(architecture, 1);
      int[] ids = TinyModel.ids(architecture, architecture.config().contextLength(), 2);
      double[][] expected = new NaiveDecoder(architecture, weights).logits(ids);
      check(new Decoder(architecture, weights, DType.F64), ids, expected, 1e-11);
      check(new Decoder(architecture, TinyModel.single(weights)), ids, expected, 1e-4);
      check(new Decoder(architecture, TinyModel.single(weights), DType.BF16), ids, expected, 0.2);
    }
  }

  @Test
  void factorizedMatricesGiveTheLogitsOfTheMatricesTheyStandFor() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture("{'tie_word_embeddings': true}");
      Weights weights = TinyModel.factorized(architecture, TinyModel.weights(architecture, 3), 4);
      int[] ids = TinyModel.ids(architecture, 20, 5);
      double[][] expected = new NaiveDecoder(architecture, weights).logits(ids);
      check(new Decoder(architecture, weights, DType.F64), ids, expected, 1e-11);
      check(new Decoder(architecture, weights.rebuilt(), DType.F64), ids, expected, 1e-11);
      check(new Decoder(architecture, TinyModel.single(weights)), ids, expected, 1e-4);
    }
  }

  @Test
  void sequencesOfABatchDoNotTouchEachOther() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Weights weights = TinyModel.weights(architecture, 6);
      long[] flat = Arrays.stream(TinyModel.ids(architecture, 21, 7)).asLongStream().toArray();
      Tensor logits = new Decoder(architecture, weights, DType.F64).logits(Tensor.of(flat, 3, 7));
      for (int i = 0; i < 3; i++) {
        int[] ids = Arrays.stream(flat, i * 7, i * 7 + 7).mapToInt(Math::toIntExact).toArray();
        check(logits.narrow(0, i, 1), new NaiveDecoder(architecture, weights).logits(ids), 1e-11);
      }
    }
  }

  @Test
  void hiddenStatesBeginWithTheEmbeddingsAndEndWithWhatTheHeadIsGiven() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder = new Decoder(architecture, TinyModel.weights(architecture, 8), DType.F64);
      int[] ids = TinyModel.ids(architecture, 4, 9);
      var hidden = decoder.hidden(TinyModel.tensor(ids));
      assertThat(hidden).hasSize(architecture.config().layers() + 2);
      double[] table = decoder.weights().matrix(TinyModel.EMBEDDINGS).matrix().toDoubles();
      assertThat(hidden.getFirst().select(1, 3).toDoubles())
          .containsExactly(Arrays.copyOfRange(table, 12 * ids[3], 12 * ids[3] + 12));
      assertThat(decoder.head(hidden.getLast()).toDoubles())
          .containsExactly(decoder.logits(TinyModel.tensor(ids)).toDoubles());
    }
  }

  @Test
  void observerSeesTheInputOfEveryMatrixOnce() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture("{'head_dim': 8}");
      Decoder decoder = new Decoder(architecture, TinyModel.weights(architecture, 10), DType.F64);
      Map<String, Integer> widths = new TreeMap<>();
      var _ =
          decoder.logits(
              TinyModel.tensor(1, 2, 3),
              (names, x) -> names.forEach(n -> assertThat(widths.put(n, x.size(-1))).isNull()));
      Map<String, Integer> expected = new TreeMap<>();
      architecture.matrices().forEach(matrix -> expected.put(matrix.name(), matrix.columns()));
      expected.remove(TinyModel.EMBEDDINGS); // looked up, not multiplied
      assertThat(widths).isEqualTo(expected);
    }
  }

  @Test
  void observedInputTimesTheMatrixIsTheLayersOutput() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Architecture architecture = TinyModel.architecture("{'num_hidden_layers': 1}");
      Decoder decoder = new Decoder(architecture, TinyModel.weights(architecture, 11), DType.F64);
      Map<String, Tensor> inputs = new TreeMap<>();
      Tensor ids = TinyModel.tensor(5, 4, 3, 2);
      var _ =
          decoder.logits(ids, (names, x) -> names.forEach(name -> inputs.put(name, owner.own(x))));
      var hidden = decoder.hidden(ids);
      Tensor added =
          output(decoder, inputs, "model.layers.0.self_attn.o_proj")
              .add(output(decoder, inputs, "model.layers.0.mlp.down_proj"));
      assertThat(hidden.get(1).sub(hidden.get(0)).sub(added).norm().item())
          .isCloseTo(0, within(1e-12));
    }
  }

  private static Tensor output(Decoder decoder, Map<String, Tensor> inputs, String name) {
    Tensor input = inputs.getOrDefault(name, Tensor.zeros(DType.F64, 1));
    return decoder.weights().matrix(name).apply(input);
  }

  @Test
  void logitsOfABfloat16ModelAreWidenedForTheLoss() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder =
          new Decoder(
              architecture, TinyModel.single(TinyModel.weights(architecture, 12)), DType.BF16);
      assertThat(decoder.logits(TinyModel.tensor(1, 2)).dtype()).isEqualTo(DType.F32);
    }
  }

  @Test
  void contextLengthTakesNoMemoryUntilItIsUsed() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture("{'max_position_embeddings': 268435456}");
      Decoder decoder = new Decoder(architecture, TinyModel.weights(architecture, 13), DType.F64);
      assertThat(decoder.logits(TinyModel.tensor(1, 2)).isFinite()).isTrue();
    }
  }

  @Test
  void sequenceLongerThanTheContextIsRefused() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder = new Decoder(architecture, TinyModel.weights(architecture, 14), DType.F64);
      assertThatThrownBy(() -> decoder.logits(TinyModel.tensor(new int[25])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("25 tokens")
          .hasMessageContaining("context of 24");
    }
  }

  @Test
  void missingParameterIsNamed() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Weights weights = TinyModel.weights(architecture, 15);
      Map<String, Tensor> vectors = new TreeMap<>(weights.vectors());
      vectors.remove("model.norm.weight");
      assertThatThrownBy(() -> new Decoder(architecture, new Weights(weights.matrices(), vectors)))
          .hasMessageContaining("model.norm.weight");
    }
  }

  private static void check(Decoder decoder, int[] ids, double[][] expected, double tolerance) {
    check(decoder.logits(TinyModel.tensor(ids)), expected, tolerance);
  }

  /** Differences relative to the largest logit. */
  private static void check(Tensor logits, double[][] expected, double tolerance) {
    double[] actual = logits.toDoubles();
    double[] flat = Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray();
    double largest = Arrays.stream(flat).map(Math::abs).max().orElseThrow();
    assertThat(actual).hasSameSizeAs(flat);
    for (int i = 0; i < flat.length; i++) {
      assertThat(actual[i]).as("logit %d", i).isCloseTo(flat[i], within(tolerance * largest));
    }
  }
}
