package io.karipap.model.train;

import io.karipap.tensor.DType;

/**
 * How a model is trained.
 *
 * @param tokens length of the whole run
 * @param batchTokens tokens per step, a multiple of the context
 * @param microTokens tokens per forward and backward pass: bounds the memory
 * @param context tokens per window
 * @param learningRate peak of the schedule
 * @param warmupTokens length of the warm-up
 * @param finalFraction last learning rate as a fraction of the peak
 * @param weightDecay of AdamW, applied to matrices
 * @param clip largest norm of the gradient
 * @param compute element type of the products of matrices
 * @param seed of initialisation and order of the text
 */
public record TrainingSettings(
    long tokens,
    int batchTokens,
    int microTokens,
    int context,
    double learningRate,
    long warmupTokens,
    double finalFraction,
    double weightDecay,
    double clip,
    DType compute,
    long seed) {

  /** Checks what can be checked without a model. */
  public TrainingSettings {
    if (tokens < 1 || context < 2 || batchTokens < context || microTokens < context) {
      throw new IllegalArgumentException(
          "tokens must be positive, the context at least 2 and no longer than a batch and a micro-batch");
    }
    if (batchTokens % context != 0 || microTokens % context != 0) {
      throw new IllegalArgumentException(
          "batch and micro-batch must be multiples of the context of " + context + " tokens");
    }
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
    if (!compute.isFloatingPoint()) {
      throw new IllegalArgumentException("matrices cannot be multiplied in " + compute);
    }
  }

  /** The same for another length, the warm-up being the same part of it. */
  public TrainingSettings withTokens(long length) {
    return new TrainingSettings(
        length,
        batchTokens,
        microTokens,
        context,
        learningRate,
        Math.round((double) warmupTokens / tokens * length),
        finalFraction,
        weightDecay,
        clip,
        compute,
        seed);
  }

  /** Number of steps. */
  public long steps() {
    return Math.ceilDiv(tokens, batchTokens);
  }

  /** Windows of one step. */
  public int windowsPerBatch() {
    return batchTokens / context;
  }

  LearningRate schedule() {
    return new LearningRate(
        learningRate, Math.max(1, warmupTokens / batchTokens), steps(), finalFraction);
  }
}
