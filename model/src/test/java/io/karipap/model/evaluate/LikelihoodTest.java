package io.karipap.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.text.TokenSequence;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LikelihoodTest {

  @Test
  void likelihoodOfABigramModelIsTheProductByHand() {
    try (var _ = new TensorScope()) {
      double[][] p = {{0.1, 0.7, 0.2}, {0.5, 0.2, 0.3}, {0.3, 0.25, 0.45}};
      double[][] logits =
          Arrays.stream(p)
              .map(row -> Arrays.stream(row).map(Math::log).toArray())
              .toArray(double[][]::new);
      Decoder model = TinyModel.bigram(logits, 8, "{}");
      List<Likelihood> likelihoods =
          Likelihood.of(
              model,
              List.of(
                  continuation(2, 2, 0, 1, 0), continuation(2, 2, 0, 1, 2), continuation(1, 1, 2)),
              _ -> {});
      assertThat(likelihoods.get(0).logarithm()).isCloseTo(Math.log(0.7 * 0.5), within(1e-12));
      assertThat(likelihoods.get(0).isGreedy()).isTrue();
      assertThat(likelihoods.get(1).logarithm()).isCloseTo(Math.log(0.7 * 0.3), within(1e-12));
      assertThat(likelihoods.get(1).isGreedy()).isFalse();
      assertThat(likelihoods.get(2).logarithm()).isCloseTo(Math.log(0.3), within(1e-12));
    }
  }

  @Test
  void batchesGiveWhatLoopsOverNumbersGiveOneByOne() {
    try (var _ = new TensorScope()) {
      var architecture = TinyModel.architecture("{'num_key_value_heads': 1}");
      Weights weights = TinyModel.weights(architecture, 1);
      Decoder model = new Decoder(architecture, weights, DType.F64);
      NaiveDecoder naive = new NaiveDecoder(architecture, weights);
      List<Continuation> continuations = random(500);
      List<Double> progress = new ArrayList<>();
      List<Likelihood> likelihoods = Likelihood.of(model, continuations, progress::add);
      assertThat(progress).hasSizeGreaterThan(1).isSorted().endsWith(1.0); // several batches
      int greedy = 0;
      for (int i = 0; i < continuations.size(); i++) {
        Likelihood expected = oneByOne(naive, continuations.get(i));
        assertThat(likelihoods.get(i).logarithm())
            .as("continuation %d", i)
            .isCloseTo(expected.logarithm(), within(1e-9));
        assertThat(likelihoods.get(i).isGreedy()).isEqualTo(expected.isGreedy());
        greedy += expected.isGreedy() ? 1 : 0;
      }
      assertThat(greedy).isBetween(1, 499);
    }
  }

  @Test
  void orderChangesNothing() {
    try (var _ = new TensorScope()) {
      var architecture = TinyModel.architecture();
      Decoder model = new Decoder(architecture, TinyModel.weights(architecture, 2), DType.F64);
      List<Continuation> continuations = random(300);
      List<Likelihood> likelihoods = Likelihood.of(model, continuations, _ -> {});
      List<Integer> order = new ArrayList<>(IntStream.range(0, 300).boxed().toList());
      Collections.shuffle(order, new Random(3));
      List<Likelihood> shuffled =
          Likelihood.of(model, order.stream().map(continuations::get).toList(), _ -> {});
      for (int i = 0; i < 300; i++) {
        Likelihood expected = likelihoods.get(order.get(i));
        assertThat(shuffled.get(i).logarithm()).isCloseTo(expected.logarithm(), within(1e-11));
        assertThat(shuffled.get(i).isGreedy()).isEqualTo(expected.isGreedy());
      }
    }
  }

  @Test
  void noContinuationsHaveNoLikelihoods() {
    try (var _ = new TensorScope()) {
      assertThat(Likelihood.of(TinyModel.bigram(new double[2][2], 8, "{}"), List.of(), _ -> {}))
          .isEmpty();
    }
  }

  @Test
  void aContinuationWithoutContextOrTokensIsRefused() {
    assertThatThrownBy(() -> continuation(2, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> continuation(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static Continuation continuation(int predicted, int... ids) {
    return new Continuation(TokenSequence.of(ids), predicted, false);
  }

  /** Ids of all lengths that a context of 24 allows; every third differs in its last token only. */
  private static List<Continuation> random(int count) {
    Random random = new Random(count);
    List<Continuation> continuations = new ArrayList<>();
    while (continuations.size() < count) {
      int[] ids = random.ints(2 + random.nextInt(24), 0, 17).toArray();
      int predicted = 1 + random.nextInt(Math.min(3, ids.length - 1));
      continuations.add(continuation(predicted, ids));
      if (continuations.size() % 3 == 0) {
        int[] other = ids.clone();
        other[ids.length - 1] = (ids[ids.length - 1] + 1) % 17;
        continuations.add(continuation(1, other));
      }
    }
    return continuations.subList(0, count);
  }

  private static Likelihood oneByOne(NaiveDecoder model, Continuation continuation) {
    int size = continuation.ids().size();
    int[] ids =
        Arrays.stream(continuation.ids().slice(0, size)).mapToInt(Math::toIntExact).toArray();
    double[][] logits = model.logits(Arrays.copyOf(ids, size - 1));
    double sum = 0;
    boolean greedy = true;
    for (int place = size - continuation.predicted(); place < size; place++) {
      double[] row = logits[place - 1];
      double chosen = row[ids[place]];
      sum += chosen - Math.log(Arrays.stream(row).map(Math::exp).sum());
      greedy &= Arrays.stream(row).allMatch(other -> other <= chosen);
    }
    return new Likelihood(sum, greedy);
  }
}
