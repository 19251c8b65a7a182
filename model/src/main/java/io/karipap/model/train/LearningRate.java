package io.karipap.model.train;

/**
 * Linear warm-up, then a cosine down to a fraction of the peak (Loshchilov and Hutter, "SGDR",
 * equation 5).
 *
 * @param peak highest rate
 * @param warmupSteps steps until the peak
 * @param steps all steps
 * @param finalFraction rate of the last step as a fraction of the peak
 */
public record LearningRate(double peak, long warmupSteps, long steps, double finalFraction) {

  /** Rate of a step, counted from 1. */
  public double at(long step) {
    if (step <= warmupSteps) {
      return peak * step / warmupSteps;
    }
    double progress = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
    double cosine = (1 + Math.cos(Math.PI * Math.min(1, progress))) / 2;
    return peak * (finalFraction + (1 - finalFraction) * cosine);
  }
}
