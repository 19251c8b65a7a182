package io.karipap.network.quantize;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/** Rounds every number independently to the nearest value of its group. */
public final class RoundToNearest {

  private RoundToNearest() {}

  /**
   * Rounds a tensor of any shape, divided into groups by {@link GroupLayout#of(int, long...)}.
   *
   * @throws IllegalArgumentException if a number is not finite, or too large for the scales
   */
  public static QuantizedTensor quantize(Tensor w, QuantizationScheme scheme) {
    GroupLayout groups = GroupLayout.of(scheme.group(), w.shape());
    double[] ones = new double[groups.columns()];
    Arrays.fill(ones, 1);
    return quantize(w, ones, groups, scheme);
  }

  /** The same; errors of a column count with a weight when a group's grid is chosen. */
  static QuantizedTensor quantize(
      Tensor w, double[] weights, GroupLayout groups, QuantizationScheme scheme) {
    requireFinite(w);
    double[] values = w.toDoubles();
    GroupEncoder encoder = new GroupEncoder(scheme, groups);
    encoder.fitAll(values, weights);
    for (int at = 0; at < values.length; at++) {
      encoder.encode(at / groups.columns(), at % groups.columns(), values[at]);
    }
    return encoder.tensor();
  }

  /** All cores of a network, or a dense matrix. */
  public static Quantized quantize(Factorization factorization, QuantizationScheme scheme) {
    return Quantized.of(
        factorization, factorization.cores().stream().map(core -> quantize(core, scheme)).toList());
  }

  static void requireFinite(Tensor w) {
    if (!w.isFinite()) {
      throw new IllegalArgumentException("numbers that are not finite cannot be coded");
    }
  }
}
