package io.karipap.network.quantize;

import io.karipap.checkpoint.form.ScalarFormat;

/** Chooses the scale, zero point and shift of a group, as they are stored. */
final class GridFit {

  /** A search tries the ranges 1, 1 - RANGE_STEP, ... , as shares of the full range. */
  private static final double RANGE_STEP = 0.04;

  private static final double MIN_RANGE_SHARE = 0.4;

  private final QuantizationScheme scheme;
  private final double[] levels;

  GridFit(QuantizationScheme scheme) {
    this.scheme = scheme;
    levels = scheme.format().levels().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The grid of a group.
   *
   * @param weights of the squared errors, not negative: a search minimizes their sum; without a
   *     search only ternary numbers use them
   * @throws IllegalArgumentException if a scale is too large for its type
   */
  GroupQuantizer fit(double[] w, double[] weights) {
    return switch (scheme.format()) {
      case ScalarFormat.Integers _, ScalarFormat.PowersOfTwo _, ScalarFormat.LloydMax _ ->
          ranged(w, weights);
      case ScalarFormat.Ternary _ -> {
        TernaryFit fit = TernaryFit.of(w, weights);
        yield new GroupQuantizer(
            levels,
            scheme.scaleType().nearest(fit.scale()),
            0,
            scheme.scaleType().nearest(fit.shift()));
      }
    };
  }

  private GroupQuantizer ranged(double[] w, double[] weights) {
    double low = 0;
    double high = 0;
    for (double x : w) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    GroupQuantizer best = over(low, high);
    if (scheme.search()) {
      double loss = best.loss(w, weights);
      for (double part = 1 - RANGE_STEP; part >= MIN_RANGE_SHARE; part -= RANGE_STEP) {
        GroupQuantizer narrower = over(part * low, part * high);
        double other = narrower.loss(w, weights);
        if (other < loss) {
          loss = other;
          best = narrower;
        }
      }
    }
    return best;
  }

  /**
   * The grid that reaches from low to high and contains zero. The stored scale is rounded up, so
   * that every number in the range is at most half a step away.
   */
  private GroupQuantizer over(double low, double high) {
    double top = levels[levels.length - 1];
    if (!scheme.format().hasZeros()) {
      return new GroupQuantizer(levels, scheme.scaleType().up(Math.max(-low, high) / top), 0, 0);
    }
    double scale = scheme.scaleType().up((high - low) / top);
    return new GroupQuantizer(levels, scale, scale == 0 ? 0 : (int) Math.round(-low / scale), 0);
  }
}
