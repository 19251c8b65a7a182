package io.karipap.checkpoint.codec;

import java.util.Arrays;
import java.util.List;

/**
 * How often each index comes up in one context, in units of 1/4096. Indices that are too rare for a
 * unit share one escape, after which eight plain bits follow.
 *
 * @param first the smallest index that has a frequency of its own
 * @param frequencies of first, first + 1, ...; zero for those that escape
 */
public record FrequencyTable(int first, List<Integer> frequencies) {

  /** Binary logarithm of {@link #TOTAL}. */
  static final int BITS = 12;

  /** What all frequencies, the escape's included, add up to. */
  public static final int TOTAL = 1 << BITS;

  /**
   * Checks the sums.
   *
   * @throws IllegalArgumentException if an index is no byte, a frequency is negative, or they leave
   *     nothing for the escape
   */
  public FrequencyTable {
    frequencies = List.copyOf(frequencies);
    int last = first + frequencies.size() - 1;
    if (first < Byte.MIN_VALUE || last > Byte.MAX_VALUE) {
      throw new IllegalArgumentException(
          "indices are -128 to 127, not %d to %d".formatted(first, last));
    }
    if (frequencies.stream().anyMatch(f -> f < 0 || f > TOTAL)
        || frequencies.stream().mapToInt(f -> f).sum() >= TOTAL) {
      throw new IllegalArgumentException(
          "frequencies of indices add up to less than %d, none is negative".formatted(TOTAL));
    }
  }

  /**
   * The table that codes symbols with these counts in the fewest bits, nearly.
   *
   * @param counts of the indices -128, ..., 127
   */
  public static FrequencyTable of(long[] counts) {
    long total = Arrays.stream(counts).sum();
    double unit = (double) total / TOTAL;
    int first = 0;
    int last = -1;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0.5 * unit) {
        first = last < 0 ? i : first;
        last = i;
      }
    }
    if (last < 0) {
      return new FrequencyTable(0, List.of());
    }
    int[] frequencies = new int[last - first + 1];
    int left = TOTAL - 1; // one unit at least for the escape
    for (int i = first; i <= last; i++) {
      if (counts[i] > 0.5 * unit) {
        frequencies[i - first] = Math.max(1, (int) (counts[i] / unit));
        left -= frequencies[i - first];
      }
    }
    // the escape gets its share, then units go where they save the most bits
    double escaped = 0;
    for (int i = 0; i < counts.length; i++) {
      escaped += counts[i] > 0.5 * unit ? 0 : counts[i];
    }
    left -= (int) (escaped / unit);
    for (; left > 0; left--) {
      frequencies[best(counts, first, frequencies, 1)]++;
    }
    for (; left < 0; left++) {
      frequencies[best(counts, first, frequencies, -1)]--;
    }
    return new FrequencyTable(first - 128, Arrays.stream(frequencies).boxed().toList());
  }

  /** Where one unit more saves the most, or one unit less costs the least. */
  private static int best(long[] counts, int first, int[] frequencies, int change) {
    int best = -1;
    double gain = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < frequencies.length; i++) {
      if (frequencies[i] > 0 && frequencies[i] + change > 0) {
        double g =
            counts[first + i] * Math.log((double) (frequencies[i] + change) / frequencies[i]);
        if (g > gain) {
          gain = g;
          best = i;
        }
      }
    }
    return best;
  }

  /** The frequency of an index; 0 if it escapes. */
  public int frequency(int k) {
    int i = k - first;
    return i < 0 || i >= frequencies.size() ? 0 : frequencies.get(i);
  }

  /** The frequency of the escape. */
  public int escape() {
    return TOTAL - frequencies.stream().mapToInt(f -> f).sum();
  }

  /** Bits that an index takes, those after an escape included. */
  public double bits(int k) {
    int f = frequency(k);
    return f > 0 ? log2((double) TOTAL / f) : log2((double) TOTAL / escape()) + Byte.SIZE;
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
