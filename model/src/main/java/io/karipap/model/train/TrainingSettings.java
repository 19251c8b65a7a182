package io.karipap.model.train;

import io.karipap.tensor.DType;

/**
 * How a model is trained.
 *
 * @param tokens length of the whole run
 * @param batch division of the run into steps, and of a step into passes
 * @param optimization of every step
 * @param compute element type of the products of matrices
 * @param seed of initialization and order of the text
 */
public record TrainingSettings(
    long tokens, Batch batch, Optimization optimization, DType compute, long seed) {

  /**
   * Sizes in tokens.
   *
   * @param tokens of one step, a multiple of the context
   * @param microTokens of one forward and backward pass, which bounds the memory; a multiple of the
   *     context
   * @param context of one window
   */
  public record Batch(int tokens, int microTokens, int context) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is not possible
     */
    public Batch {
      if (context < 2 || tokens < context || microTokens < context) {
        throw new IllegalArgumentException(
            "the context must be at least 2 and no longer than a batch and a micro-batch");
      }
      if (tokens % context != 0 || microTokens % context != 0) {
        throw new IllegalArgumentException(
            "batch and micro-batch must be multiples of the context of " + context + " tokens");
      }
    }
  }

  /**
   * AdamW and the schedule of its learning rate.
   *
   * @param learningRate peak of the schedule
   * @param warmupTokens length of the warm-up
   * @param finalFraction last learning rate as a fraction of the peak
   * @param weightDecay applied to matrices
   * @param clip largest norm of the gradient
   */
  public record Optimization(
      double learningRate,
      long warmupTokens,
      double finalFraction,
      double weightDecay,
      double clip) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is outside of its range
     */
    public Optimization {
      if (!(learningRate > 0 && learningRate < Double.MAX_VALUE)
          || !(clip > 0)
          || !(weightDecay >= 0 && weightDecay < Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "learning rate and clip must be positive, weight decay not negative");
      }
      if (warmupTokens < 0 || !(finalFraction >= 0 && finalFraction <= 1)) {
        throw new IllegalArgumentException(
            "the warm-up must not be negative, the final fraction of the learning rate in 0 to 1");
      }
    }

    private Optimization withWarmup(long length) {
      return new Optimization(learningRate, length, finalFraction, weightDecay, clip);
    }
  }

  /**
   * Checks length and element type.
   *
   * @throws IllegalArgumentException if there is no step, or no product in the element type
   */
  public TrainingSettings {
    if (tokens < 1) {
      throw new IllegalArgumentException("tokens must be positive, not " + tokens);
    }
    if (!compute.isFloatingPoint()) {
      throw new IllegalArgumentException("matrices cannot be multiplied in " + compute);
    }
  }

  /** The same settings for another length; the warm-up is the same fraction of it. */
  public TrainingSettings withTokens(long length) {
    long warmup = Math.round((double) optimization.warmupTokens() / tokens * length);
    return new TrainingSettings(length, batch, optimization.withWarmup(warmup), compute, seed);
  }

  /** Tokens of one step. */
  public int batchTokens() {
    return batch.tokens();
  }

  /** Tokens of one window. */
  public int context() {
    return batch.context();
  }

  /** Number of steps. */
  public long steps() {
    return Math.ceilDiv(tokens, batch.tokens());
  }

  /** Windows of one step. */
  public int windowsPerBatch() {
    return batch.tokens() / batch.context();
  }

  LearningRate schedule() {
    return new LearningRate(
        optimization.learningRate(),
        Math.max(1, optimization.warmupTokens() / batch.tokens()),
        steps(),
        optimization.finalFraction());
  }
}
