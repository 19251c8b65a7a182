package io.karipap.compress.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * What a matrix loses at which size, between a few measured points: there the logarithms of loss
 * and theta are taken for linear in the bytes, as they are at high rates.
 *
 * @param points by rising bytes and falling loss
 */
record CodedCurve(List<CodedPoint> points) {

  private static final int BISECTIONS = 100;

  /** The curve through the convex ones of some points. */
  static CodedCurve of(List<CodedPoint> points) {
    List<CodedPoint> rising = new ArrayList<>();
    points.stream()
        .sorted((a, b) -> Double.compare(a.bytes(), b.bytes()))
        .forEach(point -> {
          if (rising.isEmpty()
              || (point.bytes() > rising.getLast().bytes()
                  && point.loss() < rising.getLast().loss())) {
            rising.add(point);
          }
        });
    return new CodedCurve(List.copyOf(rising));
  }

  /** The same with all losses multiplied by a factor. */
  CodedCurve scaled(double factor) {
    return new CodedCurve(
        points.stream()
            .map(point -> new CodedPoint(point.theta(), point.bytes(), factor * point.loss()))
            .toList());
  }

  /**
   * The losses of numbers at which one byte more buys the same of every matrix.
   *
   * @param budget bytes of all
   */
  static List<Double> equalSlopes(List<CodedCurve> curves, long budget) {
    double low = 1e-30;
    double high = 1e6;
    for (int i = 0; i < BISECTIONS; i++) {
      double slope = Math.sqrt(low * high);
      double bytes = curves.stream().mapToDouble(curve -> curve.at(slope).bytes()).sum();
      if (bytes > budget) {
        low = slope;
      } else {
        high = slope;
      }
    }
    double slope = high;
    return curves.stream().map(curve -> curve.at(slope).theta()).toList();
  }

  /** The largest size at which a byte still buys this many nats per token. */
  private CodedPoint at(double slope) {
    CodedPoint here = points.getFirst();
    for (int i = 1; i < points.size(); i++) {
      CodedPoint from = points.get(i - 1);
      CodedPoint to = points.get(i);
      double decay = Math.log(from.loss() / to.loss()) / (to.bytes() - from.bytes());
      double gain = Math.log(from.loss() * decay / slope) / decay; // bytes until the slope is met
      if (gain <= 0) {
        return here;
      }
      double part = Math.min(1, gain / (to.bytes() - from.bytes()));
      here =
          new CodedPoint(
              from.theta() * Math.pow(to.theta() / from.theta(), part),
              from.bytes() + part * (to.bytes() - from.bytes()),
              from.loss() * Math.pow(to.loss() / from.loss(), part));
      if (part < 1) {
        return here;
      }
    }
    return here;
  }
}
