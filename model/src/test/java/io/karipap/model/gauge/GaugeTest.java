package io.karipap.model.gauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.NaiveDecoder;
import io.karipap.model.ReferenceTokens;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.Metric;
import io.karipap.network.fit.LowRankFit;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GaugeTest {

  private static final Set<Symmetry> ALL = EnumSet.allOf(Symmetry.class);

  /** What a gauge has to take care of, one by one and together. */
  static Stream<String> architectures() {
    return Stream.of(
        "{}",
        "{'num_attention_heads': 6, 'num_key_value_heads': 2}",
        "{'head_dim': 10, 'num_attention_heads': 4, 'num_key_value_heads': 2}",
        "{'attention_bias': true, 'mlp_bias': true}",
        "{'tie_word_embeddings': true}",
        "{'architectures': ['Qwen2ForCausalLM'], 'num_attention_heads': 6, 'num_key_value_heads': 2}",
        "{'architectures': ['Qwen2ForCausalLM'], 'num_key_value_heads': 1, 'tie_word_embeddings': true}",
        "{'architectures': ['MistralForCausalLM'], 'sliding_window': 5, 'attention_bias': true,"
            + " 'mlp_bias': true, 'tie_word_embeddings': true}");
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void anyGaugeLeavesTheLogitsOfASecondImplementation(String overrides) {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config(overrides);
      Weights weights = TinyModel.weights(config, 1);
      int[] ids = TinyModel.ids(config, config.contextLength(), 2);
      double[] expected = flat(new NaiveDecoder(config, weights).logits(ids));
      Weights folded = NormFolding.fold(config, weights);
      Weights gauged = random(config, 3).apply(config, folded);
      for (Weights same : List.of(folded, gauged)) {
        Decoder decoder = new Decoder(config, same, DType.F64);
        assertThat(decoder.logits(TinyModel.tensor(ids)).toDoubles())
            .containsExactly(expected, within(1e-10));
        assertThat(decoder.logits(TinyModel.tensor(ids), ActivationObserver.NONE).toDoubles())
            .containsExactly(expected, within(1e-10));
      }
      assertThat(gauged.matrices().containsKey(Decoder.HEAD_GAIN))
          .isEqualTo(config.tiedEmbeddings());
      assertThat(gauged.parameters() - weights.parameters())
          .isEqualTo(Gauge.extraParameters(config, weights));
    }
  }

  private static double[] flat(double[][] rows) {
    return Stream.of(rows).flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  /** A gauge that no calibration would choose. */
  private static Gauge random(ModelConfig config, long seed) {
    RandomTensors random = new RandomTensors(seed);
    List<Gauge.Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      List<Tensor> heads =
          IntStream.range(0, config.keyValueHeads())
              .mapToObj(_ -> orthogonal(random, config.headDimension()))
              .toList();
      HeadRotation values = new HeadRotation(Tensor.stack(heads, 0));
      List<Long> order =
          new ArrayList<>(
              IntStream.range(0, config.intermediateSize()).mapToObj(Long::valueOf).toList());
      Collections.shuffle(order, new Random(seed + i));
      blocks.add(
          new Gauge.Block(
              values,
              values.repeated(config.heads() / config.keyValueHeads()),
              new Permutation(
                  Tensor.of(order.stream().mapToLong(Long::longValue).toArray(), order.size()))));
    }
    return new Gauge(new Rotation(orthogonal(random, config.hiddenSize())), blocks);
  }

  private static Tensor orthogonal(RandomTensors random, int n) {
    return Linalg.qr(random.normal(DType.F64, n, n)).q();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K", "tinystories656K"})
  void realModelsKeepTheirLogitsInSinglePrecision(String name) {
    try (var _ = new TensorScope();
        LoadedModel model = LoadedModel.open(SharedFiles.model(name))) {
      List<TokenSequence> text = ReferenceTokens.of(name, 200);
      int length = text.getFirst().size();
      Tensor ids = Tensor.of(text.getFirst().slice(0, length), 1, length);
      Tensor expected = model.decoder().logits(ids);
      Weights folded = NormFolding.fold(model.config(), model.weights());
      try (CalibrationStatistics statistics = statistics(model.config(), folded, text)) {
        GaugeChoice choice = new GaugeChoice(model.config(), folded, statistics);
        for (Symmetry symmetry : Symmetry.values()) {
          Gauge gauge = choice.of(Set.of(symmetry));
          assertSame(model.config(), gauge.apply(model.config(), folded), ids, expected);
        }
        assertSame(model.config(), choice.of(ALL).apply(model.config(), folded), ids, expected);
      }
    }
  }

  private static void assertSame(ModelConfig config, Weights weights, Tensor ids, Tensor expected) {
    Tensor logits = new Decoder(config, weights).logits(ids);
    assertThat(logits.sub(expected).norm().item() / expected.norm().item()).isLessThan(1e-5);
  }

  private static CalibrationStatistics statistics(
      ModelConfig config, Weights weights, List<TokenSequence> text) {
    return CalibrationStatistics.collect(
        new Decoder(config, weights, weights.tensors().getFirst().dtype()),
        text,
        Windows.cut(text, config.contextLength()),
        _ -> {});
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void statisticsFollowTheGaugeAsIfTheyHadBeenCollectedInIt(String overrides) {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config(overrides);
      Weights weights = TinyModel.weights(config, 5);
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(config, 90, 6)));
      Weights folded = NormFolding.fold(config, weights);
      try (CalibrationStatistics raw = statistics(config, weights, text);
          CalibrationStatistics inNorms = statistics(config, folded, text);
          CalibrationStatistics unfolded = NormFolding.unfold(config, weights, inNorms)) {
        assertEqual(config, unfolded, raw, 1e-11);
        for (Gauge gauge :
            List.of(
                random(config, 7),
                new GaugeChoice(config, folded, inNorms).of(ALL),
                new GaugeChoice(config, folded, inNorms).of(Set.of()))) {
          try (CalibrationStatistics followed = gauge.apply(config, inNorms);
              CalibrationStatistics collected =
                  statistics(config, gauge.apply(config, folded), text)) {
            assertEqual(config, followed, collected, 1e-11);
          }
        }
      }
    }
  }

  @Test
  void statisticsOfARealModelFollowItsGauge() {
    try (var _ = new TensorScope();
        LoadedModel model = LoadedModel.open(SharedFiles.model("stories260K"))) {
      List<TokenSequence> text = ReferenceTokens.of("stories260K", 200);
      Weights wide = model.weights().map(t -> t.to(DType.F64));
      Weights folded = NormFolding.fold(model.config(), wide);
      try (CalibrationStatistics before = statistics(model.config(), folded, text)) {
        Gauge gauge = new GaugeChoice(model.config(), folded, before).of(ALL);
        try (CalibrationStatistics followed = gauge.apply(model.config(), before);
            CalibrationStatistics collected =
                statistics(model.config(), gauge.apply(model.config(), folded), text)) {
          assertEqual(model.config(), followed, collected, 1e-6);
        }
      }
    }
  }

  private static void assertEqual(
      ModelConfig config,
      CalibrationStatistics actual,
      CalibrationStatistics expected,
      double tolerance) {
    for (MatrixSpec matrix : MatrixSpec.all(config)) {
      if (matrix.inBlock() || matrix.name().equals(Decoder.HEAD)) {
        assertClose(actual, expected, matrix.name(), tolerance);
      }
    }
    assertClose(actual, expected, Decoder.HEAD, tolerance);
    assertThat(actual.tokens()).isEqualTo(expected.tokens());
    assertThat(actual.frequencies().toDoubles())
        .containsExactly(expected.frequencies().toDoubles());
  }

  private static void assertClose(
      CalibrationStatistics actual, CalibrationStatistics expected, String name, double tolerance) {
    Tensor c = expected.covariance(name);
    assertThat(actual.covariance(name).sub(c).norm().item() / c.norm().item())
        .as(name)
        .isLessThan(tolerance);
  }

  @Test
  void layersThatShareAnInputShareItsStatisticsStill() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config();
      Weights folded = NormFolding.fold(config, TinyModel.weights(config, 8));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(config, 24, 9)));
      try (CalibrationStatistics before = statistics(config, folded, text);
          CalibrationStatistics after = random(config, 10).apply(config, before)) {
        assertThat(after.covariance("model.layers.1.mlp.up_proj"))
            .isSameAs(after.covariance("model.layers.1.mlp.gate_proj"));
      }
    }
  }

  /** Eckart and Young: singular values know nothing of orthogonal bases. */
  @Test
  void theBestLowRankErrorDoesNotDependOnTheGauge() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config("{'num_attention_heads': 6, 'num_key_value_heads': 2}");
      Weights folded = NormFolding.fold(config, TinyModel.weights(config, 11));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(config, 90, 12)));
      Gauge gauge = random(config, 13);
      Weights gauged = gauge.apply(config, folded);
      try (CalibrationStatistics before = statistics(config, folded, text);
          CalibrationStatistics after = gauge.apply(config, before)) {
        for (MatrixSpec matrix : MatrixSpec.all(config)) {
          if (matrix.inBlock()) {
            assertThat(lowRankError(gauged, after, matrix.name()))
                .as(matrix.name())
                .isCloseTo(lowRankError(folded, before, matrix.name()), within(1e-8));
          }
        }
      }
    }
  }

  private static double lowRankError(
      Weights weights, CalibrationStatistics statistics, String name) {
    return LowRankFit.fit(weights.matrix(name).matrix(), Metric.of(statistics.covariance(name)), 3)
        .squaredError();
  }

  @Test
  void chosenBasesAreThePrincipalAxesInOrder() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config("{'num_attention_heads': 6, 'num_key_value_heads': 2}");
      Weights folded = NormFolding.fold(config, TinyModel.weights(config, 14));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(config, 90, 15)));
      try (CalibrationStatistics before = statistics(config, folded, text)) {
        Gauge gauge = new GaugeChoice(config, folded, before).of(ALL);
        try (CalibrationStatistics after = gauge.apply(config, before)) {
          Tensor stream = Tensor.zeros(DType.F64, 12, 12);
          for (int i = 0; i < config.layers(); i++) {
            stream.addInPlace(after.covariance("model.layers.%d.mlp.up_proj".formatted(i)), 1);
            stream.addInPlace(after.covariance("model.layers.%d.self_attn.k_proj".formatted(i)), 1);
          }
          assertDecreasingDiagonal(stream);
          Weights gauged = gauge.apply(config, folded);
          Tensor v = gauged.matrix("model.layers.1.self_attn.v_proj").matrix();
          Tensor c = after.covariance("model.layers.1.self_attn.v_proj");
          Tensor o = gauged.matrix("model.layers.1.self_attn.o_proj").matrix();
          for (int head = 0; head < 2; head++) {
            Tensor rows = v.narrow(0, 2L * head, 2);
            Tensor written = rows.matmul(c).matmul(rows.transpose());
            Tensor read = Tensor.zeros(DType.F64, 2, 2);
            for (int reader = 3 * head; reader < 3 * head + 3; reader++) {
              Tensor columns = o.narrow(1, 2L * reader, 2);
              read.addInPlace(columns.transpose().matmul(columns), 1);
            }
            assertDecreasingDiagonal(
                written.div(written.diagonal().sum()).add(read.div(read.diagonal().sum())));
          }
        }
      }
    }
  }

  private static void assertDecreasingDiagonal(Tensor c) {
    int n = c.size(0);
    double[] values = c.toDoubles();
    for (int i = 0; i < n * n; i++) {
      if (i / n != i % n) {
        assertThat(values[i]).isCloseTo(0, within(1e-10 * values[0]));
      }
    }
    for (int i = 1; i < n; i++) {
      assertThat(values[i * n + i]).isLessThanOrEqualTo(values[(i - 1) * n + i - 1]);
    }
  }

  @Test
  void silentHeadsAndGainsOfZeroAreNoObstacle() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config();
      Weights weights = TinyModel.weights(config, 21);
      String block = "model.layers.0.";
      weights.matrix(block + "self_attn.v_proj").matrix().narrow(0, 0, 6).scaleInPlace(0);
      weights.matrix(block + "self_attn.o_proj").matrix().narrow(1, 0, 6).scaleInPlace(0);
      weights.matrix(block + "mlp.up_proj").matrix().narrow(0, 0, 9).scaleInPlace(0);
      weights.vector(block + "input_layernorm.weight").narrow(0, 3, 4).scaleInPlace(0);
      int[] ids = TinyModel.ids(config, 24, 22);
      List<TokenSequence> text = List.of(TokenSequence.of(ids));
      Weights folded = NormFolding.fold(config, weights);
      try (CalibrationStatistics statistics = statistics(config, folded, text)) {
        Weights gauged = new GaugeChoice(config, folded, statistics).of(ALL).apply(config, folded);
        assertThat(new Decoder(config, gauged, DType.F64).logits(TinyModel.tensor(ids)).toDoubles())
            .containsExactly(flat(new NaiveDecoder(config, weights).logits(ids)), within(1e-10));
      }
    }
  }

  @Test
  void gainsMustBeFoldedBeforeTheStreamIsTurned() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config();
      assertThatThrownBy(() -> random(config, 16).apply(config, TinyModel.weights(config, 17)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("fold");
    }
  }

  @Test
  void aGainThatIsOneNumberNeedsNoMatrix() {
    try (var _ = new TensorScope()) {
      ModelConfig config = TinyModel.config("{'tie_word_embeddings': true}");
      Weights weights = TinyModel.weights(config, 18);
      weights.vector("model.norm.weight").scaleInPlace(0);
      weights.vector("model.norm.weight").addInPlace(Tensor.full(1.7, DType.F64, 12), 1);
      int[] ids = TinyModel.ids(config, 20, 19);
      Weights gauged = random(config, 20).apply(config, NormFolding.fold(config, weights));
      assertThat(gauged.matrices()).doesNotContainKey(Decoder.HEAD_GAIN);
      assertThat(new Decoder(config, gauged, DType.F64).logits(TinyModel.tensor(ids)).toDoubles())
          .containsExactly(flat(new NaiveDecoder(config, weights).logits(ids)), within(1e-10));
    }
  }

  @Test
  void unknownSymmetryIsAnsweredWithTheKnownOnes() {
    assertThat(Symmetry.of(List.of("values", "residual")))
        .containsExactlyInAnyOrder(Symmetry.RESIDUAL, Symmetry.VALUES);
    assertThatThrownBy(() -> Symmetry.of(List.of("turn")))
        .hasMessageContaining("turn")
        .hasMessageContaining("residual, values, neurons");
  }
}
