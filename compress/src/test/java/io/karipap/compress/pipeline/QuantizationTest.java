package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealRequest;
import io.karipap.compress.HealResult;
import io.karipap.compress.HealingMode;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.heal.Healing;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.Quantized;
import io.karipap.network.fit.CorrectedFit;
import io.karipap.network.fit.LowRankFit;
import io.karipap.network.quantize.Gptq;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.network.quantize.RoundingDescent;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Roundings of matrices of trained models, in the metric of their own activations. */
class QuantizationTest {

  private static final List<String> FORMATS = List.of("int4", "int3", "uint3", "apot4", "ternary");

  /** The first two blocks of a published model. */
  @TempDir private static Path stories = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 2, stories);
  }

  /** The seven matrices of a block of tiny1m. */
  private static void forEachMatrix(BiConsumer<Tensor, Metric> test) {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedTexts.TINY1M)) {
      List<TokenSequence> ids = Documents.read(SharedTexts.CALIBRATION).encode(model.tokenizer());
      List<Windows.Window> windows =
          Windows.spread(Windows.cut(ids, model.config().contextLength()), 4096);
      try (var statistics = CalibrationStatistics.collect(model.decoder(), ids, windows, _ -> {})) {
        for (MatrixSpec name : model.architecture().matrices()) {
          if (name.name().contains("layers.3.")) {
            try (var _ = new TensorScope()) {
              test.accept(
                  model.weights().matrix(name.name()).matrix().to(DType.F64),
                  Metric.of(statistics.covariance(name.name())));
            }
          }
        }
      }
    }
  }

  @Test
  void errorFeedbackIsNeverWorseThanRoundingToNearestOnATrainedModel() {
    Map<String, double[]> sums = new TreeMap<>();
    int[] matrices = new int[1];
    forEachMatrix((w, metric) -> {
      matrices[0]++;
      for (String format : FORMATS) {
        QuantizationScheme scheme = QuantizationScheme.of(format, 64);
        double nearest = metric.squaredError(w, RoundToNearest.quantize(w, scheme).values());
        var fed = Gptq.standard().quantize(w, metric, scheme);
        double feedback = metric.squaredError(w, fed.values());
        double refined = metric.squaredError(w, RoundingDescent.refine(fed, w, metric).values());
        assertThat(feedback).as(format).isLessThan(nearest);
        assertThat(refined).as(format).isLessThanOrEqualTo(feedback);
        double[] sum = sums.computeIfAbsent(format, _ -> new double[3]);
        sum[0] += nearest;
        sum[1] += feedback;
        sum[2] += refined;
      }
    });
    assertThat(matrices[0]).isEqualTo(7);
    for (String format : List.of("int4", "int3", "uint3", "ternary")) {
      double[] sum = sums.getOrDefault(format, new double[3]);
      assertThat(sum[1]).as(format).isLessThan(0.8 * sum[0]);
    }
  }

  @Test
  void errorFeedbackIsNeverWorseOnAttentionMatricesOfGpt2() {
    Path file = SharedFiles.data("gpt2-layer6-attention.safetensors");
    try (var _ = new TensorScope();
        var store = TensorStore.open(file)) {
      // no activations of GPT-2 are at hand: correlated inputs of a decaying spectrum
      double[] decay = new double[768];
      java.util.Arrays.setAll(decay, i -> Math.exp(-4.0 * i / 768));
      Tensor x =
          new RandomTensors(1)
              .normal(DType.F64, 1024, 768)
              .mul(Tensor.of(decay, 768))
              .matmul(new RandomTensors(2).normal(DType.F64, 768, 768));
      Metric metric = Metric.of(x.transpose().matmul(x).mul(1.0 / 1024));
      for (String name : List.of("query")) {
        Tensor w = Tensor.copyIn(store.data("h.5.attn." + name), DType.F32, 768, 768).to(DType.F64);
        for (String format : List.of("int4", "ternary")) {
          QuantizationScheme scheme = QuantizationScheme.of(format, 128);
          double nearest = metric.error(w, RoundToNearest.quantize(w, scheme).values());
          double fed = metric.error(w, Gptq.standard().quantize(w, metric, scheme).values());
          assertThat(fed).as(name + " " + format).isLessThan(0.8 * nearest);
        }
      }
    }
  }

  @Test
  void aLowRankCorrectionMakesUpForRoundingOnATrainedModel() {
    double[] sums = new double[2];
    forEachMatrix((w, metric) -> {
      QuantizationScheme scheme = QuantizationScheme.of("int3", 64);
      sums[0] += metric.squaredError(w, Gptq.standard().quantize(w, metric, scheme).values());
      Function<Tensor, Factorization> pair =
          rest -> LowRankFit.fit(rest, metric, 4).factorization();
      sums[1] +=
          new CorrectedFit(
                  rest ->
                      Quantized.of(
                          new Dense(rest), List.of(Gptq.standard().quantize(rest, metric, scheme))),
                  pair,
                  v -> metric.squaredError(w, v))
              .fit(w, pair.apply(w), 3)
              .squaredError();
    });
    assertThat(sums[1]).isLessThan(0.9 * sums[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "ring"})
  void bytesAndErrorsOfAQuantizedModelAreThoseOfItsFile(String form) {
    Path output = folder.resolve("out");
    CompressionRequest plain =
        SharedTexts.request(
            stories, output, form.equals("dense") ? 1 : 0.6, FactorizationKind.of(form));
    QuantizationScheme scheme =
        new QuantizationScheme(ScalarFormat.of("int8"), 64, ScaleType.F16, true);
    CompressionResult result = Compression.run(quantized(plain, scheme, 0), Progress.NONE);

    try (var _ = new TensorScope();
        var store = TensorStore.open(output);
        var compressed = LoadedModel.open(output)) {
      long bytes = store.names().stream().mapToLong(name -> store.info(name).bytes()).sum();
      assertThat(result.bytesAfter()).isEqualTo(bytes);
      assertThat(compressed.weights().parameters()).isEqualTo(result.parametersAfter());
      assertThat(result.memoryRatio()).isLessThan(form.equals("dense") ? 0.28 : 0.18);
      assertThat(result.matrices()).allMatch(m -> m.form().endsWith(":int8"));
      assertThat(compressed.weights().matrices().values()).allMatch(f -> f instanceof Quantized);
    }
  }

  private static CompressionRequest quantized(
      CompressionRequest r, QuantizationScheme scheme, long heal) {
    return new CompressionRequest(
            r.model(),
            r.output(),
            r.calibration(),
            r.allocation(),
            new FitSettings(r.fit().form(), r.fit().grid(), 10, 0),
            r.gauge(),
            new RunSettings(heal, r.run().seed(), r.run().resume()))
        .withQuantization(scheme);
  }

  private CompressionRequest followed(String form) throws IOException {
    Path recipe = SharedTexts.recipe(stories, folder.resolve("plan.yaml"), form, Plan.Entry.PLAIN);
    return SharedTexts.following(stories, recipe, folder.resolve("out"));
  }

  /** All but the rounding leaves the logits, whatever the basis. */
  @ParameterizedTest
  @ValueSource(strings = {"", "residual,values"})
  void roundingToEightBitsAlmostKeepsTheLogitsInAnyBasis(String gauge) throws IOException {
    Set<Symmetry> symmetries = gauge.isEmpty() ? Set.of() : Symmetry.of(List.of(gauge.split(",")));
    CompressionResult result =
        Compression.run(
            followed("dense")
                .withGauge(Optional.of(symmetries))
                .withQuantization(QuantizationScheme.of("int8", 64)),
            Progress.NONE);
    assertThat(result.matrices()).allMatch(m -> m.form().equals("dense:int8"));
    try (var _ = new TensorScope();
        var original = LoadedModel.open(stories);
        var compressed = LoadedModel.open(folder.resolve("out"))) {
      assertThat(compressed.weights().matrices().containsKey("model.head_gain"))
          .isEqualTo(!gauge.isEmpty());
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378}, 1, 5);
      Tensor expected = original.decoder().logits(ids);
      Tensor difference = compressed.decoder().logits(ids).sub(expected);
      assertThat(difference.norm().item() / expected.norm().item()).isBetween(1e-6, 0.05);
    }
  }

  @Test
  void aRecipeOfCellsIsNotRounded() throws IOException {
    CompressionRequest request =
        followed("cell").withQuantization(QuantizationScheme.of("int8", 64));
    assertThatThrownBy(() -> Compression.run(request, Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has cells and coded numbers: what blocks share cannot be rounded");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aHealedModelIsRoundedAndItsScalesCanBeTrainedFurther() {
    Path output = folder.resolve("out");
    QuantizationScheme scheme =
        new QuantizationScheme(ScalarFormat.of("int4"), 32, ScaleType.F16, true);
    CompressionRequest plain = SharedTexts.request(stories, output, 0.6, FactorizationKind.LOWRANK);
    Compression.run(quantized(plain, scheme, 4096), Progress.NONE);

    HealResult healed =
        Healing.run(
            new HealRequest(
                output,
                stories,
                SharedTexts.CALIBRATION,
                1 << 12,
                HealOptions.standard().withTrain(HealingMode.SCALES),
                1,
                false),
            Progress.NONE);

    assertThat(healed.klAfter()).isLessThan(healed.klBefore());
    try (var compressed = LoadedModel.open(output)) {
      assertThat(compressed.manifest().orElseThrow().method())
          .contains("coded as int4 in groups of 32")
          .contains("healed");
    }
  }
}
