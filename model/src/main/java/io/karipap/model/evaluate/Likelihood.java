package io.karipap.model.evaluate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What a model thinks of a continuation.
 *
 * @param logarithm natural logarithm of the probability of all its tokens
 * @param isGreedy whether each of them is the likeliest after those before it
 */
public record Likelihood(double logarithm, boolean isGreedy) {

  // number of logits computed at a time, for vocabularies of any size
  private static final int LOGITS = 1 << 24;

  /**
   * Likelihoods of continuations. Those that differ in their last token alone are computed
   * together.
   *
   * @param progress told the share done, from 0 to 1, by one thread at a time
   * @return in the order of the continuations
   */
  public static List<Likelihood> of(
      Decoder model, List<Continuation> continuations, DoubleConsumer progress) {
    if (continuations.isEmpty()) {
      return List.of();
    }
    // the model is given all tokens but the last
    Map<LongBuffer, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < continuations.size(); i++) {
      TokenSequence ids = continuations.get(i).ids();
      groups
          .computeIfAbsent(LongBuffer.wrap(ids.slice(0, ids.size() - 1)), _ -> new ArrayList<>())
          .add(i);
    }
    List<List<Integer>> members = List.copyOf(groups.values());
    List<TokenSequence> inputs =
        members.stream().map(group -> continuations.get(group.getFirst()).ids()).toList();
    List<Window> windows =
        IntStream.range(0, inputs.size())
            .mapToObj(i -> new Window(i, 0, inputs.get(i).size() - 1))
            .toList();
    Likelihood[] likelihoods = new Likelihood[continuations.size()];
    Batches.run(model, windows, batch -> of(model, inputs, batch, members, continuations), progress)
        .forEach(part -> part.forEach((i, likelihood) -> likelihoods[i] = likelihood));
    return List.of(likelihoods);
  }

  private static Map<Integer, Likelihood> of(
      Decoder model,
      List<TokenSequence> inputs,
      List<Window> batch,
      List<List<Integer>> members,
      List<Continuation> continuations) {
    Tensor states = model.hidden(Windows.ids(inputs, batch)).getLast();
    List<Integer> order = new ArrayList<>();
    LongStream.Builder places = LongStream.builder();
    LongStream.Builder targets = LongStream.builder();
    for (int row = 0; row < batch.size(); row++) {
      long end = (long) row * states.size(1) + batch.get(row).length();
      for (int i : members.get(batch.get(row).document())) {
        Continuation c = continuations.get(i);
        order.add(i);
        LongStream.range(end - c.predicted(), end).forEach(places);
        LongStream.of(c.ids().slice(c.ids().size() - c.predicted(), c.predicted()))
            .forEach(targets);
      }
    }
    Predictions predictions = new Predictions(places.build().toArray(), targets.build().toArray());
    predictions.fill(model, states.reshape(-1, states.size(-1)));
    Map<Integer, Likelihood> likelihoods = new LinkedHashMap<>();
    int from = 0;
    for (int i : order) {
      int to = from + continuations.get(i).predicted();
      likelihoods.put(i, predictions.together(from, to));
      from = to;
    }
    return likelihoods;
  }

  /** Single tokens, each predicted from the state at a place. */
  private static final class Predictions {
    private final long[] places;
    private final long[] targets;
    private final double[] logarithms;
    private final boolean[] hits;

    Predictions(long[] places, long[] targets) {
      this.places = places;
      this.targets = targets;
      this.logarithms = new double[places.length];
      this.hits = new boolean[places.length];
    }

    void fill(Decoder model, Tensor states) {
      int chunk = Math.max(1, LOGITS / model.config().vocabularySize());
      for (int start = 0; start < places.length; start += chunk) {
        int count = Math.min(chunk, places.length - start);
        try (var _ = new TensorScope()) {
          Tensor chosen = Tensor.of(Arrays.copyOfRange(places, start, start + count), count);
          Tensor target = Tensor.of(Arrays.copyOfRange(targets, start, start + count), count, 1);
          Tensor log = Functions.logSoftmax(model.head(states.indexSelect(0, chosen)));
          System.arraycopy(log.gather(1, target).toDoubles(), 0, logarithms, start, count);
          long[] likeliest = log.argmax(1).toLongs();
          for (int i = 0; i < count; i++) {
            hits[start + i] = likeliest[i] == targets[start + i];
          }
        }
      }
    }

    /** The tokens {@code from}, ..., {@code to - 1} as one continuation. */
    Likelihood together(int from, int to) {
      return new Likelihood(
          Arrays.stream(logarithms, from, to).sum(),
          IntStream.range(from, to).allMatch(i -> hits[i]));
    }
  }
}
