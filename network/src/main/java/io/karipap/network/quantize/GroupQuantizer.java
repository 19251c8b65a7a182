package io.karipap.network.quantize;

import java.util.Arrays;

/** The values that a group's codes stand for: {@code scale (level - zero) + shift}. */
final class GroupQuantizer {

  private final double[] levels;
  private final double scale;
  private final int zero;
  private final double shift;

  /**
   * A grid.
   *
   * @param levels increasing; not copied
   * @param scale not negative
   */
  GroupQuantizer(double[] levels, double scale, int zero, double shift) {
    this.levels = levels;
    this.scale = scale;
    this.zero = zero;
    this.shift = shift;
  }

  double scale() {
    return scale;
  }

  int zero() {
    return zero;
  }

  double shift() {
    return shift;
  }

  /** The number that a code stands for. */
  double value(int code) {
    return scale * (levels[code] - zero) + shift;
  }

  /** The code of the nearest value. */
  int code(double w) {
    double x = scale == 0 ? zero : (w - shift) / scale + zero;
    int last = levels.length - 1;
    if (levels[last] - levels[0] == last) { // neighbours are one apart, as integers are
      return (int) Math.clamp(Math.ceil(x - levels[0] - 0.5), 0, last);
    }
    int at = Arrays.binarySearch(levels, x);
    if (at >= 0) {
      return at;
    }
    int above = -at - 1;
    if (above == 0 || above == levels.length) {
      return Math.min(above, levels.length - 1);
    }
    return x - levels[above - 1] <= levels[above] - x ? above - 1 : above;
  }

  /** Sum of weighted squared errors of numbers rounded to the nearest value. */
  double loss(double[] w, double[] weights) {
    double loss = 0;
    for (int i = 0; i < w.length; i++) {
      double error = w[i] - value(code(w[i]));
      loss += weights[i] * error * error;
    }
    return loss;
  }
}
