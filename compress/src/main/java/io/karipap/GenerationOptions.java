package io.karipap;

import java.util.List;
import java.util.Optional;

/**
 * How a text is continued.
 *
 * @param temperature divisor of the logits; 0 takes the likeliest token. Empty: the model's own
 *     (generation_config.json), or {@value #TEMPERATURE}
 * @param topP only the likeliest tokens that make up this probability are considered; 1 for all.
 *     Empty: the model's own, or {@value #TOP_P}
 * @param topK number of the likeliest tokens that are considered; 0 for all. Empty: the model's
 *     own, or 0
 * @param seed of the draws; the same one gives the same text
 * @param stop the text ends before the first of these strings
 */
public record GenerationOptions(
    Optional<Double> temperature,
    Optional<Double> topP,
    Optional<Integer> topK,
    long seed,
    List<String> stop) {

  /** Temperature where neither the caller nor the model gives one. */
  public static final double TEMPERATURE = 0.8;

  /** Probability that is sampled from where neither the caller nor the model gives one. */
  public static final double TOP_P = 0.95;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public GenerationOptions {
    if (!temperature.stream().allMatch(t -> t >= 0 && t < Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "`temperature` must not be negative, not " + temperature.get());
    }
    if (!topP.stream().allMatch(p -> p > 0 && p <= 1)) {
      throw new IllegalArgumentException("`topP` must be above 0 and at most 1, not " + topP.get());
    }
    if (!topK.stream().allMatch(k -> k >= 0)) {
      throw new IllegalArgumentException("`topK` must not be negative, not " + topK.get());
    }
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("`stop` must not hold an empty string");
    }
    stop = List.copyOf(stop);
  }

  /** The model's own sampling, seed 0, no stop. */
  public static GenerationOptions standard() {
    return new GenerationOptions(
        Optional.empty(), Optional.empty(), Optional.empty(), 0, List.of());
  }

  /** The same at another temperature, 0 for the likeliest token. */
  public GenerationOptions withTemperature(double value) {
    return new GenerationOptions(Optional.of(value), topP, topK, seed, stop);
  }

  /** The same from another share of the probability, 1 for all tokens. */
  public GenerationOptions withTopP(double value) {
    return new GenerationOptions(temperature, Optional.of(value), topK, seed, stop);
  }

  /** The same with another number of likeliest tokens, 0 for all. */
  public GenerationOptions withTopK(int value) {
    return new GenerationOptions(temperature, topP, Optional.of(value), seed, stop);
  }

  /** The same with another seed. */
  public GenerationOptions withSeed(long value) {
    return new GenerationOptions(temperature, topP, topK, value, stop);
  }

  /** The same that ends before the first of these strings. */
  public GenerationOptions withStop(String... strings) {
    return new GenerationOptions(temperature, topP, topK, seed, List.of(strings));
  }
}
