package io.karipap.bench.codes;

import io.karipap.network.Metric;
import io.karipap.network.quantize.ReverseWaterFilling;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/**
 * A matrix to be coded at several rates, with all that does not depend on the rate.
 *
 * @param w [m, n], float64
 * @param metric of its errors
 * @param filling its rounding
 * @param limit its numbers as Gaussian ones of the same variances of rows and columns
 */
record MatrixSubject(Tensor w, Metric metric, WaterFilling filling, ReverseWaterFilling limit) {

  /** A matrix in a metric. Must be made and used inside a tensor scope. */
  static MatrixSubject of(Tensor w, Metric metric) {
    WaterFilling filling = WaterFilling.of(metric, w.size(0));
    return new MatrixSubject(w, metric, filling, limit(w, filling));
  }

  /** The variance of a number is the product of its row's and its column's over that of all. */
  private static ReverseWaterFilling limit(Tensor w, WaterFilling filling) {
    double[] rows = w.square().sum(1).mul(1.0 / w.size(1)).toDoubles();
    double[] columns = w.square().sum(0).mul(1.0 / w.size(0)).toDoubles();
    double all = Arrays.stream(rows).average().orElse(0);
    double[] g = filling.rowWeights();
    double[] c = filling.columnWeights();
    ReverseWaterFilling limit = new ReverseWaterFilling();
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        limit.add(rows[i] * columns[j] / all * g[i] * c[j]);
      }
    }
    return limit;
  }
}
