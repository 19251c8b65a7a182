package io.karipap.compress;

/**
 * How a compressed model is healed.
 *
 * @param train the numbers that are trained
 * @param learningRate peak of the schedule. A quarter of it is used where all numbers of a
 *     quantized model are trained and more than a quarter of them have codes of more than 2 bits
 * @param rank of the updates that {@link HealingMode#LORA} and {@link HealingMode#TT_LORA} train
 * @param hiddenWeight weight of the residual stream's relative squared error; the KL divergence has
 *     weight 1
 * @param patience the run ends after this many looks at the held-out text without a better one; 0
 *     for never. A run of fewer than twice as many looks always goes on to its end
 * @param blockwise tokens of a reconstruction before the distillation, one half in windows of one
 *     block and one half in windows of two; 0 for none
 */
public record HealOptions(
    HealingMode train,
    double learningRate,
    int rank,
    double hiddenWeight,
    int patience,
    long blockwise) {

  /** Default peak learning rate. */
  public static final double LEARNING_RATE = 2e-3;

  /** Default rank of updates. */
  public static final int RANK = 8;

  /** Default weight of the residual stream's error. */
  public static final double HIDDEN_WEIGHT = 3;

  /** Default number of looks without a better one. */
  public static final int PATIENCE = 10;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the learning rate is not positive, or another number
   *     negative
   */
  public HealOptions {
    if (!(learningRate > 0 && learningRate < Double.MAX_VALUE)) {
      throw new IllegalArgumentException("`learningRate` must be above 0, not " + learningRate);
    }
    if (rank < 1) {
      throw new IllegalArgumentException("`rank` must be at least 1, not " + rank);
    }
    if (!(hiddenWeight >= 0 && hiddenWeight < Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "`hiddenWeight` must not be negative, not " + hiddenWeight);
    }
    if (blockwise < 0) {
      throw new IllegalArgumentException("`blockwise` must not be negative, not " + blockwise);
    }
    if (patience < 0) {
      throw new IllegalArgumentException("`patience` must not be negative, not " + patience);
    }
  }

  /** The defaults: all numbers are trained. */
  public static HealOptions standard() {
    return new HealOptions(HealingMode.ALL, LEARNING_RATE, RANK, HIDDEN_WEIGHT, PATIENCE, 0);
  }

  /** The same options with another choice of trained numbers. */
  public HealOptions withTrain(HealingMode choice) {
    return new HealOptions(choice, learningRate, rank, hiddenWeight, patience, blockwise);
  }

  /** The same options with another peak of the learning rate. */
  public HealOptions withLearningRate(double peak) {
    return new HealOptions(train, peak, rank, hiddenWeight, patience, blockwise);
  }

  /** The same options with a block-wise reconstruction of some tokens before the distillation. */
  public HealOptions withBlockwise(long tokens) {
    return new HealOptions(train, learningRate, rank, hiddenWeight, patience, tokens);
  }
}
