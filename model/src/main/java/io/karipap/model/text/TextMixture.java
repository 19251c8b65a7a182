package io.karipap.model.text;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * An endless, reproducible sequence of training windows drawn from several texts.
 *
 * <p>Each window comes from a text chosen with probability proportional to its weight; a text gives
 * its windows in a random order, all of them once before any comes again, and cut at another offset
 * each time round.
 */
public final class TextMixture {

  /**
   * One text.
   *
   * @param tokens its documents, one behind the other
   * @param weight share of the windows, relative to the other texts
   */
  public record Source(TokenSequence tokens, double weight) {}

  private final List<Source> sources;
  private final int length;
  private final RandomGenerator random;
  private final int[][] order;
  private final int[] used;
  private final int[] offset;

  /**
   * Starts the sequence of a seed.
   *
   * @param length tokens per window, the predicted last one included
   * @throws IllegalArgumentException if there is no text, one is shorter than two windows, or the
   *     weights are no shares
   */
  public TextMixture(List<Source> sources, int length, long seed) {
    double total = sources.stream().mapToDouble(Source::weight).sum();
    if (sources.stream().anyMatch(s -> !(s.weight() >= 0))
        || !(total > 0 && total < Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "training texts need weights that are not negative, and one that is positive");
    }
    for (Source source : sources) {
      if (source.tokens().size() < 2 * length) {
        throw new IllegalArgumentException(
            "a training text has only "
                + source.tokens().size()
                + " tokens: at least two windows of "
                + length
                + " are needed");
      }
    }
    this.sources = List.copyOf(sources);
    this.length = length;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.order = new int[sources.size()][0];
    this.used = new int[sources.size()];
    this.offset = new int[sources.size()];
  }

  /** The next window. */
  public long[] next() {
    int s = choose();
    TokenSequence tokens = sources.get(s).tokens();
    if (used[s] == order[s].length) {
      offset[s] = random.nextInt(length);
      order[s] = permutation((tokens.size() - offset[s]) / length);
      used[s] = 0;
    }
    int start = offset[s] + order[s][used[s]++] * length;
    return tokens.slice(start, length);
  }

  /** Passes over windows that an interrupted run has used already. */
  public void skip(long windows) {
    for (long i = 0; i < windows; i++) {
      var _ = next();
    }
  }

  private int choose() {
    double total = sources.stream().mapToDouble(Source::weight).sum();
    double point = random.nextDouble() * total;
    for (int s = 0; s < sources.size() - 1; s++) {
      point -= sources.get(s).weight();
      if (point < 0) {
        return s;
      }
    }
    return sources.size() - 1;
  }

  /** Fisher-Yates. */
  private int[] permutation(int n) {
    int[] p = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }
}
