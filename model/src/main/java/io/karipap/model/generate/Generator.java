package io.karipap.model.generate;

import io.karipap.model.arch.Decoder;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/** Continues a text token by token. */
public final class Generator {

  private final Decoder model;
  private final Sampling sampling;
  private final RandomGenerator random;

  /** A generator whose random numbers start at the sampling's seed. */
  public Generator(Decoder model, Sampling sampling) {
    this.model = model;
    this.sampling = sampling;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(sampling.seed());
  }

  /**
   * Generates until the limit, the end of the context, an end-of-sequence token, or until told to
   * stop.
   *
   * @param prompt at least one token; if longer than the context, its end
   * @param limit largest number of new tokens
   * @param sink is given every new token but an end of sequence, and says whether to go on
   * @return the number of tokens that the sink was given
   */
  public int generate(int[] prompt, int limit, IntPredicate sink) {
    int count = 0;
    try (var tokens = stream(prompt, limit)) {
      for (OptionalInt id = tokens.next(); id.isPresent(); id = tokens.next()) {
        count++;
        if (!sink.test(id.getAsInt())) {
          break;
        }
      }
    }
    return count;
  }

  /**
   * The tokens that continue a prompt, up to the limit, the end of the context, or an
   * end-of-sequence token.
   *
   * @param prompt at least one token; if longer than the context, its end
   * @param limit largest number of new tokens
   * @throws IllegalArgumentException if the prompt is empty
   */
  public TokenStream stream(int[] prompt, int limit) {
    int context = model.config().contextLength();
    long[] kept =
        IntStream.of(prompt).asLongStream().skip(Math.max(0, prompt.length - context)).toArray();
    if (kept.length == 0) {
      throw new IllegalArgumentException("a prompt needs at least one token");
    }
    return new TokenStream(model, this, kept, limit);
  }

  /** The next token, drawn by the logits of all. */
  int choose(float[] logits) {
    if (sampling.temperature() == 0) {
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      return best;
    }
    int[] order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -logits[i]))
            .limit(sampling.topK() == 0 ? logits.length : sampling.topK())
            .mapToInt(Integer::intValue)
            .toArray();
    double[] weights =
        IntStream.of(order)
            .mapToDouble(i -> Math.exp((logits[i] - logits[order[0]]) / sampling.temperature()))
            .toArray();
    return order[draw(weights)];
  }

  /**
   * An index of decreasing weights, from the shortest prefix that holds {@code topP} of their sum.
   */
  private int draw(double[] weights) {
    double bound = sampling.topP() * java.util.Arrays.stream(weights).sum();
    double kept = 0;
    int count = 0;
    while (count < weights.length && kept < bound) {
      kept += weights[count++];
    }
    double point = random.nextDouble() * kept;
    for (int i = 0; i < count; i++) {
      point -= weights[i];
      if (point < 0) {
        return i;
      }
    }
    return count - 1;
  }
}
