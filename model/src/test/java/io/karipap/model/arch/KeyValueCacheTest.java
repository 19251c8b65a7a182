package io.karipap.model.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyValueCacheTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "1 1 1 1 1 1 1 1 1 1; {}",
        "10; {}",
        "4 1 3 2; {}",
        "2 5 3; {'num_attention_heads': 6, 'num_key_value_heads': 2}",
        "1 1 1 1 1 1 1 1 1 1; {'architectures': ['MistralForCausalLM'], 'sliding_window': 3}",
        "5 1 2 2; {'architectures': ['MistralForCausalLM'], 'sliding_window': 3}",
        "3 4 3; {'architectures': ['Qwen2ForCausalLM'], 'tie_word_embeddings': true}",
        "6 4; {'rope_scaling': {'rope_type': 'yarn', 'factor': 2.0}}"
      })
  void tokensInPiecesGiveTheLogitsOfTheWholeSequence(String pieces, String overrides) {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture(overrides);
      Weights weights = TinyModel.weights(architecture, 1);
      Decoder decoder = new Decoder(architecture, TinyModel.single(weights));
      int[] ids = TinyModel.ids(architecture, 10, 2);
      double[][] expected = new NaiveDecoder(architecture, weights).logits(ids);
      try (var cache = new KeyValueCache(architecture, 10)) {
        int from = 0;
        for (String piece : pieces.split(" ")) {
          int to = from + Integer.parseInt(piece);
          double[] logits =
              decoder.next(TinyModel.tensor(Arrays.copyOfRange(ids, from, to)), cache).toDoubles();
          double largest = Arrays.stream(expected[to - 1]).map(Math::abs).max().orElseThrow();
          assertThat(logits)
              .as("after %d tokens", to)
              .containsExactly(expected[to - 1], within(1e-4 * largest));
          assertThat(cache.length()).isEqualTo(to);
          from = to;
        }
      }
    }
  }

  @Test
  void tokensWithoutRoomAreRefusedAndLeaveTheCacheAsItWas() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder =
          new Decoder(architecture, TinyModel.single(TinyModel.weights(architecture, 3)));
      try (var cache = new KeyValueCache(architecture, 4)) {
        var _ = decoder.next(TinyModel.tensor(1, 2, 3), cache);
        assertThatThrownBy(() -> decoder.next(TinyModel.tensor(4, 5), cache))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("2 more tokens")
            .hasMessageContaining("3 of 4");
        assertThat(cache.length()).isEqualTo(3);
        assertThat(decoder.next(TinyModel.tensor(4), cache).toDoubles())
            .containsExactly(
                new Decoder(architecture, decoder.weights())
                    .logits(TinyModel.tensor(1, 2, 3, 4))
                    .select(1, 3)
                    .toDoubles(),
                within(1e-4));
      }
    }
  }

  @Test
  void positionsBeyondTheContextAreRefused() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder =
          new Decoder(architecture, TinyModel.single(TinyModel.weights(architecture, 4)));
      try (var cache = new KeyValueCache(architecture, 30)) {
        var _ = decoder.next(TinyModel.tensor(new int[24]), cache);
        assertThatThrownBy(() -> decoder.next(TinyModel.tensor(1), cache))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("25 tokens");
      }
    }
  }
}
