package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterizationTest {

  private static final Architecture ARCHITECTURE = TinyModel.architecture();
  private static final String NAME = "model.layers.1.mlp.up_proj";

  private static Weights coded(String format) {
    Weights networks =
        TinyModel.single(
            TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 10), 11));
    Map<String, Factorization> coded = new LinkedHashMap<>();
    networks
        .matrices()
        .forEach((name, f) ->
            coded.put(name, RoundToNearest.quantize(f, QuantizationScheme.of(format, 8))));
    // one dense matrix, so that a latent number is an element
    Tensor w = TinyModel.weights(ARCHITECTURE, 12).matrix(NAME).matrix().to(DType.F32);
    coded.put(NAME, RoundToNearest.quantize(new Dense(w), QuantizationScheme.of(format, 8)));
    return networks.with(coded);
  }

  private static Tensor loss(Weights weights) {
    long[] ids =
        java.util.Arrays.stream(TinyModel.ids(ARCHITECTURE, 18, 3)).asLongStream().toArray();
    return Objective.nextToken(new Decoder(ARCHITECTURE, weights), Tensor.of(ids, 2, 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3", "uint3", "apot4", "lloyd2", "ternary"})
  void aModelTrainedThroughItsRoundingStartsAsItIsAndIsStoredAsItIsApplied(String format) {
    try (var _ = new TensorScope()) {
      Weights start = coded(format);
      Parameterization trained = Parameterization.all(start);
      Weights first = trained.stored(trained.start());
      first.matrices().forEach((name, f) -> assertEqual(f, start.matrix(name), 1e-6));

      List<Tensor> moved = new ArrayList<>();
      for (Tensor t : trained.start()) {
        moved.add(t.add(new RandomTensors(moved.size()).normal(DType.F32, t.shape()).mul(0.05)));
      }
      Weights stored = trained.stored(moved);
      Weights applied = trained.applied(moved);
      stored
          .matrices()
          .forEach((name, f) -> {
            assertThat(f).isInstanceOf(Quantized.class);
            assertEqual(applied.matrix(name), f, 1e-6);
            ((Quantized) f)
                .scalarCodes()
                .forEach(t -> {
                  Tensor narrow = t.scales().to(t.storedScales()).to(DType.F32);
                  assertThat(t.scales().toFloats()).isEqualTo(narrow.toFloats());
                });
          });
      assertThat(stored.vectors().keySet()).isEqualTo(start.vectors().keySet());
      assertThat(stored.parameters()).isEqualTo(start.parameters());
    }
  }

  private static void assertEqual(Factorization a, Factorization b, double tolerance) {
    double norm = b.matrix().norm().item();
    assertThat(a.matrix().sub(b.matrix()).norm().item()).isLessThan(tolerance * norm + 1e-9);
  }

  /**
   * By hand: dL/dt = s0 sum of (level - zero) dL/dw, dL/du = s0 sum of dL/dw, dL/dlatent = dL/dw.
   */
  @ParameterizedTest
  @ValueSource(strings = {"int3", "uint3", "apot4", "lloyd2", "ternary"})
  void gradientsAreThoseOfTheNumbersThatTheCodesStandFor(String format) {
    try (var _ = new TensorScope()) {
      Weights start = coded(format);
      Quantized codes = (Quantized) start.matrix(NAME);
      Tensor dense = codes.matrix().leaf();
      double[] w =
          Autograd.gradients(loss(start.with(Map.of(NAME, new Dense(dense)))), List.of(dense))
              .getFirst()
              .toDoubles();
      MatrixTraining training = MatrixTraining.ThroughRounding.of(codes);
      List<Tensor> leaves = training.start().stream().map(Tensor::leaf).toList();
      List<Tensor> gradients =
          Autograd.gradients(loss(start.with(Map.of(NAME, training.applied(leaves)))), leaves);

      assertThat(gradients.getFirst().toDoubles()).containsExactly(w, within(1e-6));
      QuantizedTensor tensor = codes.scalarCodes().getFirst();
      double[] scales = tensor.scales().toDoubles();
      double[] byScale = new double[scales.length];
      double[] byShift = new double[scales.length];
      for (int at = 0; at < w.length; at++) {
        int row = at / codes.columns();
        int group = at % codes.columns() / tensor.groups().size();
        int k = row * tensor.groups().perRow() + group;
        double level =
            tensor.format().levels().get(tensor.code(row, at % codes.columns()))
                - tensor.zero(row, group);
        byScale[k] += scales[k] * level * w[at];
        byShift[k] += scales[k] * w[at];
      }
      assertThat(gradients.get(1).toDoubles()).containsExactly(byScale, within(1e-5));
      if (format.equals("ternary")) {
        assertThat(gradients.get(2).toDoubles()).containsExactly(byShift, within(1e-5));
      }
      // and the same for scales alone
      MatrixTraining alone = MatrixTraining.Scales.of(codes);
      List<Tensor> t = alone.start().stream().map(Tensor::leaf).toList();
      Tensor second = loss(start.with(Map.of(NAME, alone.applied(t))));
      assertThat(Autograd.gradients(second, t).getFirst().toDoubles())
          .containsExactly(byScale, within(1e-5));
    }
  }

  @Test
  void onlyScalesAndShiftsAreVariablesOfPeqa() {
    try (var _ = new TensorScope()) {
      Weights start = coded("ternary");
      Map<String, Factorization> mixed = new LinkedHashMap<>();
      mixed.put(NAME, new Dense(start.matrix(NAME).matrix()));
      Weights weights = start.with(mixed);
      Parameterization trained = Parameterization.scales(weights);
      long expected =
          weights.matrices().values().stream()
              .filter(f -> f instanceof Quantized)
              .mapToLong(f -> f.cores().stream().mapToLong(Tensor::elements).sum())
              .sum();
      assertThat(trained.start().stream().mapToLong(Tensor::elements).sum()).isEqualTo(expected);
      assertThat(trained.start()).hasSize(trained.ofMatrices());
    }
  }
}
