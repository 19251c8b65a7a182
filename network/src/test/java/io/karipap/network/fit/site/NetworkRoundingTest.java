package io.karipap.network.fit.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Quantized;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.LowRankFit;
import io.karipap.network.fit.PepoFit;
import io.karipap.network.quantize.Gptq;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkRoundingTest extends NetworkTest {

  private static Metric metric() {
    return Metric.of(covariance(activations(120, 24, 1)));
  }

  private static Tensor matrix() {
    return normal(3, 36, 24);
  }

  private static Factorization fitted(String form, Tensor w, Metric metric) {
    return switch (form) {
      case "dense" -> new Dense(w);
      case "lowrank" -> LowRankFit.fit(w, metric, 6).factorization();
      default -> PepoFit.fit(w, metric, ring(), FitOptions.standard()).factorization();
    };
  }

  @ParameterizedTest
  @CsvSource({
    "dense, int4, 0.8",
    "lowrank, int4, 0.7",
    "lowrank, int3, 0.7",
    "pepo, int4, 0.7",
    "pepo, int3, 0.7",
    "pepo, int2, 0.7"
  })
  void feedbackThroughTheNetworkBeatsRoundingItsCores(String form, String label, double part) {
    Tensor w = matrix();
    Metric metric = metric();
    Factorization f = fitted(form, w, metric);
    QuantizationScheme scheme = QuantizationScheme.of(label, 16);
    double exact = metric.squaredError(w, f.matrix());
    double nearest = metric.squaredError(w, RoundToNearest.quantize(f, scheme).matrix());

    Fitted rounded = NetworkRounding.round(f, w, metric, scheme, Gptq.standard());

    assertThat(rounded.squaredError() - exact).isLessThan(part * (nearest - exact));
    assertThat(metric.squaredError(w, rounded.factorization().matrix()))
        .isEqualTo(rounded.squaredError());
    assertThat(((Quantized) rounded.factorization()).dequantized()).hasSameClassAs(f);
  }

  @Test
  void paddedNetworksAreRoundedToo() {
    Tensor small = normal(3, 29, 19);
    Metric their = Metric.of(covariance(activations(120, 19, 1)));
    Fitted fitted = PepoFit.fit(small, their, paddedRing(), FitOptions.standard());
    QuantizationScheme scheme = QuantizationScheme.of("int4", 16);

    Fitted rounded =
        NetworkRounding.round(fitted.factorization(), small, their, scheme, Gptq.standard());

    Quantized nearest = RoundToNearest.quantize(fitted.factorization(), scheme);
    assertThat(rounded.squaredError())
        .isLessThan(their.squaredError(small, nearest.matrix()))
        .isGreaterThan(0.9 * fitted.squaredError());
  }

  @ParameterizedTest
  @CsvSource({"lowrank", "pepo"})
  void eightBitsAreNearlyFree(String form) {
    Tensor w = matrix();
    Metric metric = metric();
    Factorization f = fitted(form, w, metric);
    double exact = metric.squaredError(w, f.matrix());

    Fitted rounded =
        NetworkRounding.round(f, w, metric, QuantizationScheme.of("int8", 16), Gptq.standard());

    assertThat(rounded.squaredError()).isLessThan(1.01 * exact);
  }
}
