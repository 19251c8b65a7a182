package io.karipap.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final int BOS = 1;

  private static List<long[]> documents(Decoder decoder, long tokens, int longest, long seed) {
    return new Sampler(decoder, BOS)
        .documents(tokens, longest, seed).stream().map(d -> d.slice(0, d.size())).toList();
  }

  @Test
  void theSameSeedDrawsTheSameDocumentsAndAnotherOneOthers() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder =
          new Decoder(architecture, TinyModel.single(TinyModel.weights(architecture, 1)));
      List<long[]> one = documents(decoder, 300, 10, 1);
      List<long[]> two = documents(decoder, 300, 10, 1);
      List<long[]> other = documents(decoder, 300, 10, 2);
      assertThat(one).hasSameSizeAs(two);
      for (int i = 0; i < one.size(); i++) {
        assertThat(one.get(i)).isEqualTo(two.get(i));
      }
      assertThat(one.stream().map(Arrays::toString).toList())
          .isNotEqualTo(other.stream().map(Arrays::toString).toList());
      assertThat(one.stream().mapToInt(d -> d.length).sum()).isBetween(300, 310);
      assertThat(one).allMatch(d -> d[0] == BOS && d.length > 1 && d.length <= 10);
      assertThat(one)
          .allMatch(d -> Arrays.stream(d).skip(1).noneMatch(id -> id == BOS))
          .allMatch(d ->
              Arrays.stream(d)
                  .noneMatch(id -> architecture.config().eosTokenIds().contains((int) id)));
    }
  }

  /** The token after the BOS, over many documents, has the model's own probabilities. */
  @Test
  void documentsAreDrawnAtTemperatureOne() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      Decoder decoder =
          new Decoder(architecture, TinyModel.single(TinyModel.weights(architecture, 1)));
      double[] p =
          Functions.softmax(decoder.logits(Tensor.of(new long[] {BOS}, 1, 1)).reshape(-1))
              .toDoubles();
      double[] counts = new double[p.length];
      List<long[]> documents = documents(decoder, 8000, 2, 3);
      documents.forEach(d -> counts[(int) d[1]]++);
      // documents that ended at once are left out
      double kept = 1 - p[BOS];
      for (int end : architecture.config().eosTokenIds()) {
        kept -= p[end];
      }
      for (int id = 0; id < p.length; id++) {
        if (counts[id] > 0) {
          double expected = p[id] / kept;
          double deviation = Math.sqrt(expected * (1 - expected) / documents.size());
          assertThat(counts[id] / documents.size()).isCloseTo(expected, within(4 * deviation));
        }
      }
    }
  }

  @Test
  void sequencesOfOneCacheDoNotSeeEachOther() {
    try (var _ = new TensorScope()) {
      Architecture architecture =
          TinyModel.architecture("{'num_attention_heads': 6, 'num_key_value_heads': 2}");
      Weights weights = TinyModel.weights(architecture, 1);
      Decoder decoder = new Decoder(architecture, TinyModel.single(weights));
      int[] first = TinyModel.ids(architecture, 6, 2);
      int[] second = TinyModel.ids(architecture, 6, 3);
      try (var cache = new KeyValueCache(architecture, 2, 6)) {
        for (int i = 0; i < 6; i++) {
          double[] logits =
              decoder
                  .nextOfEach(Tensor.of(new long[] {first[i], second[i]}, 2, 1), cache)
                  .toDoubles();
          if (i == 5) {
            int half = logits.length / 2;
            assertThat(Arrays.copyOfRange(logits, 0, half))
                .containsExactly(
                    new NaiveDecoder(architecture, weights).logits(first)[5], within(1e-3));
            assertThat(Arrays.copyOfRange(logits, half, 2 * half))
                .containsExactly(
                    new NaiveDecoder(architecture, weights).logits(second)[5], within(1e-3));
          }
        }
      }
    }
  }
}
