package io.karipap.model.generate;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 takes the likeliest token; higher values flatten the distribution
 * @param topK number of the likeliest tokens that are considered; 0 for all
 * @param topP only the likeliest tokens that make up this probability are considered; 1 for all
 *     (Holtzman et al. 2020)
 * @param seed of the random numbers
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

  /** Always the likeliest token. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  /** Checks the ranges. */
  public Sampling {
    if (!(temperature >= 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "temperature and top-k must not be negative, top-p must be above 0 and at most 1");
    }
  }
}
