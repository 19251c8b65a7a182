package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GptqTest extends NetworkTest {

  /**
   * Optimal brain quantization (Frantar and Alistarh 2022, eq. 2 and 3) of one row, columns in a
   * given order, written out: the inverse of the metric is reduced by Gaussian elimination each
   * time.
   */
  private static int[] naive(
      double[] row,
      double[][] inverse,
      List<Integer> order,
      QuantizationScheme scheme,
      double[] diagonal,
      boolean gridsFirst) {
    int n = row.length;
    int g = scheme.group();
    double[] w = row.clone();
    int[] codes = new int[n];
    GridFit fit = new GridFit(scheme);
    GroupQuantizer[] grids = new GroupQuantizer[Math.ceilDiv(n, g)];
    for (int k = 0; gridsFirst && k < grids.length; k++) {
      grids[k] = grid(fit, w, diagonal, k, g);
    }
    for (int q : order) {
      if (!gridsFirst && q % g == 0) {
        grids[q / g] = grid(fit, w, diagonal, q / g, g);
      }
      codes[q] = grids[q / g].code(w[q]);
      double error = (w[q] - grids[q / g].value(codes[q])) / inverse[q][q];
      double[] column = new double[n];
      for (int k = 0; k < n; k++) {
        column[k] = inverse[k][q];
      }
      double pivot = inverse[q][q];
      for (int k = 0; k < n; k++) {
        w[k] -= error * column[k];
        for (int l = 0; l < n; l++) {
          inverse[k][l] -= column[k] * column[l] / pivot;
        }
      }
    }
    return codes;
  }

  private static GroupQuantizer grid(
      GridFit fit, double[] w, double[] diagonal, int group, int size) {
    int to = Math.min(w.length, (group + 1) * size);
    return fit.fit(
        java.util.Arrays.copyOfRange(w, group * size, to),
        java.util.Arrays.copyOfRange(diagonal, group * size, to));
  }

  @ParameterizedTest
  @CsvSource({
    "int4, 8, false",
    "int3, 5, false",
    "uint2, 8, false",
    "ternary, 6, false",
    "apot4, 8, false",
    "int4, 8, true",
    "uint3, 7, true",
    "ternary, 6, true"
  })
  void isOptimalBrainQuantizationColumnByColumn(String label, int group, boolean ordered) {
    int n = 22;
    Tensor w = normal(3, 6, n);
    Tensor c = covariance(activations(60, n, 4));
    QuantizationScheme scheme = QuantizationScheme.of(label, group);

    QuantizedTensor q = new Gptq(0.01, ordered).quantize(w, Metric.of(c), scheme);

    double[] diagonal = c.diagonal().toDoubles();
    double damping = 0.01 * c.diagonal().mean().item();
    Tensor damped = c.add(Tensor.eye(DType.F64, n).mul(damping));
    double[] inverse = Linalg.solve(damped, Tensor.eye(DType.F64, n)).toDoubles();
    Comparator<Integer> byEnergy = Comparator.comparingDouble(j -> -diagonal[j]);
    List<Integer> order =
        ordered
            ? IntStream.range(0, n).boxed().sorted(byEnergy).toList()
            : IntStream.range(0, n).boxed().toList();
    for (int row = 0; row < 6; row++) {
      double[][] matrix = new double[n][n];
      for (int k = 0; k < n; k++) {
        System.arraycopy(inverse, k * n, matrix[k], 0, n);
      }
      int[] codes = naive(w.select(0, row).toDoubles(), matrix, order, scheme, diagonal, ordered);
      for (int k = 0; k < n; k++) {
        assertThat(q.code(row, k)).as("row %d column %d", row, k).isEqualTo(codes[k]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"int8", "int4", "int3", "int2", "uint4", "uint2", "apot4", "lloyd2", "ternary"})
  void beatsRoundingToNearestInACorrelatedMetric(String label) {
    Tensor w = normal(7, 48, 320);
    Metric metric = Metric.of(covariance(activations(640, 320, 8)));
    QuantizationScheme scheme = QuantizationScheme.of(label, 64);

    double nearest = metric.error(w, RoundToNearest.quantize(w, scheme).values());
    double fed = metric.error(w, Gptq.standard().quantize(w, metric, scheme).values());

    assertThat(fed).isLessThan(0.8 * nearest);
  }

  @Test
  void roundsToNearestWhereInputsAreUncorrelated() {
    Tensor w = normal(7, 12, 40);
    QuantizationScheme scheme = QuantizationScheme.of("int4", 16);

    QuantizedTensor fed = Gptq.standard().quantize(w, Metric.identity(40), scheme);

    assertThat(fed.values().toFloats())
        .isEqualTo(RoundToNearest.quantize(w, scheme).values().toFloats());
  }

  @Test
  void takesInputsThatNeverOccur() {
    Tensor w = normal(7, 12, 40);
    Metric dead = Metric.of(covariance(activations(5, 40, 3)));

    QuantizedTensor q = Gptq.standard().quantize(w, dead, QuantizationScheme.of("int4", 16));

    assertThat(q.values().isFinite()).isTrue();
    // five inputs alone leave the feedback much freedom
    assertThat(dead.error(w, q.values()))
        .isLessThan(
            0.5
                * dead.error(
                    w, RoundToNearest.quantize(w, QuantizationScheme.of("int4", 16)).values()));
  }

  @Test
  void refusesMetricsOfOtherSizes() {
    assertThatThrownBy(() ->
            Gptq.standard()
                .quantize(normal(1, 3, 4), Metric.identity(5), QuantizationScheme.of("int4", 4)))
        .hasMessageContaining("metric of size 5");
    assertThatThrownBy(() -> new Gptq(0, false)).hasMessageContaining("positive");
  }
}
