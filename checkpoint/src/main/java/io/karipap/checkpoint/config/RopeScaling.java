package io.karipap.checkpoint.config;

/**
 * How a model stretches its rotary position embedding beyond the context it was first trained on.
 */
public sealed interface RopeScaling {
  /** Plain rotary embedding (Su et al., arXiv:2104.09864). */
  record None() implements RopeScaling {}

  /**
   * Position interpolation (Chen et al., arXiv:2306.15595): every frequency is divided by the
   * factor.
   *
   * @param factor at least 1
   */
  record Linear(double factor) implements RopeScaling {}

  /**
   * Llama 3.1's scaling: wavelengths below {@code originalContext / highFrequencyFactor} are kept,
   * those above {@code originalContext / lowFrequencyFactor} are stretched by the factor, and those
   * between are interpolated.
   *
   * @param factor at least 1
   * @param lowFrequencyFactor positive and smaller than {@code highFrequencyFactor}
   * @param highFrequencyFactor positive
   * @param originalContext tokens of the context that the scaling starts from
   */
  record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext)
      implements RopeScaling {}

  /**
   * YaRN (Peng et al., arXiv:2309.00071).
   *
   * @param factor at least 1
   * @param originalContext tokens of the context that the scaling starts from
   * @param betaFast rotations in the original context above which a frequency is kept
   * @param betaSlow rotations in the original context below which a frequency is divided by factor
   * @param attentionFactor what the cosines and sines are multiplied with
   * @param truncate whether the ramp's ends are rounded outwards to whole dimensions
   */
  record Yarn(
      double factor,
      int originalContext,
      double betaFast,
      double betaSlow,
      double attentionFactor,
      boolean truncate)
      implements RopeScaling {}
}
