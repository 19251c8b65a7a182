package io.karipap.compress;

/**
 * How a compressed model is healed.
 *
 * @param train what is trained
 * @param learningRate peak of the schedule; a quarter of it where numbers are trained through a
 *     rounding, more than a quarter of them to more than four levels
 * @param rank of the updates that {@link HealingMode#LORA} and {@link HealingMode#TT_LORA} train
 * @param hiddenWeight of the residual stream's error beside the KL divergence
 * @param patience looks at the held-out text without a better one after which the run ends; 0 for
 *     never. Runs of few looks always go on to their end
 * @param blockwise tokens of a reconstruction block by block, and then in windows of two blocks,
 *     that comes before; 0 for none
 */
public record HealOptions(
    HealingMode train,
    double learningRate,
    int rank,
    double hiddenWeight,
    int patience,
    long blockwise) {

  /** Peak learning rate unless said otherwise. */
  public static final double LEARNING_RATE = 2e-3;

  /** Rank of updates unless said otherwise. */
  public static final int RANK = 8;

  /** Weight of the residual stream's error unless said otherwise. */
  public static final double HIDDEN_WEIGHT = 3;

  /** Looks without a better one unless said otherwise. */
  public static final int PATIENCE = 10;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the learning rate is not positive, or another number
   *     negative
   */
  public HealOptions {
    if (!(learningRate > 0 && learningRate < Double.MAX_VALUE)) {
      throw new IllegalArgumentException("learningRate must be above 0, not " + learningRate);
    }
    if (rank < 1) {
      throw new IllegalArgumentException("rank must be at least 1, not " + rank);
    }
    if (!(hiddenWeight >= 0 && hiddenWeight < Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the weight of hidden states must not be negative, not " + hiddenWeight);
    }
    if (blockwise < 0) {
      throw new IllegalArgumentException("blockwise must not be negative, not " + blockwise);
    }
    if (patience < 0) {
      throw new IllegalArgumentException("patience must not be negative, not " + patience);
    }
  }

  /** Everything is trained. */
  public static HealOptions standard() {
    return new HealOptions(HealingMode.ALL, LEARNING_RATE, RANK, HIDDEN_WEIGHT, PATIENCE, 0);
  }

  /** The same with something else trained. */
  public HealOptions withTrain(HealingMode choice) {
    return new HealOptions(choice, learningRate, rank, hiddenWeight, patience, blockwise);
  }

  /** The same with another peak of the schedule. */
  public HealOptions withLearningRate(double peak) {
    return new HealOptions(train, peak, rank, hiddenWeight, patience, blockwise);
  }

  /** The same after a reconstruction block by block on so many tokens. */
  public HealOptions withBlockwise(long tokens) {
    return new HealOptions(train, learningRate, rank, hiddenWeight, patience, tokens);
  }
}
