package io.karipap.model.gauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.NaiveDecoder;
import io.karipap.model.ReferenceTokens;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Space;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
      Architecture architecture = TinyModel.architecture(overrides);
      Weights weights = TinyModel.weights(architecture, 1);
      int[] ids = TinyModel.ids(architecture, architecture.config().contextLength(), 2);
      double[] expected = flat(new NaiveDecoder(architecture, weights).logits(ids));
      Weights folded = NormFolding.fold(architecture, weights);
      Weights gauged = random(architecture, 3).apply(architecture, folded);
      for (Weights same : List.of(folded, gauged)) {
        Decoder decoder = new Decoder(architecture, same, DType.F64);
        assertThat(decoder.logits(TinyModel.tensor(ids)).toDoubles())
            .containsExactly(expected, within(1e-10));
        assertThat(decoder.logits(TinyModel.tensor(ids), ActivationObserver.NONE).toDoubles())
            .containsExactly(expected, within(1e-10));
      }
      assertThat(gauged.matrices().containsKey(TinyModel.HEAD_GAIN))
          .isEqualTo(architecture.config().tiedEmbeddings());
      assertThat(gauged.parameters() - weights.parameters())
          .isEqualTo(Gauge.extraParameters(architecture, weights));
    }
  }

  private static double[] flat(double[][] rows) {
    return Stream.of(rows).flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  /** A gauge that no calibration would choose. */
  private static Gauge random(Architecture architecture, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Random shuffle = new Random(seed);
    Map<Space, ChangeOfBasis> bases = new LinkedHashMap<>();
    for (Space space : architecture.spaces()) {
      switch (space.freedom()) {
        case NONE -> {}
        case ROTATION -> bases.put(space, new Rotation(orthogonal(random, space.size())));
        case HEAD_ROTATION ->
            bases.put(
                space,
                new HeadRotation(
                    Tensor.stack(
                        IntStream.range(0, space.heads())
                            .mapToObj(_ -> orthogonal(random, space.width()))
                            .toList(),
                        0)));
        case PERMUTATION -> {
          List<Long> order = new ArrayList<>(LongStream.range(0, space.size()).boxed().toList());
          Collections.shuffle(order, shuffle);
          bases.put(
              space,
              new Permutation(
                  Tensor.of(order.stream().mapToLong(Long::longValue).toArray(), order.size())));
        }
      }
    }
    return new Gauge(bases);
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
      Weights folded = NormFolding.fold(model.architecture(), model.weights());
      try (CalibrationStatistics statistics = statistics(model.architecture(), folded, text)) {
        GaugeChoice choice = new GaugeChoice(model.architecture(), folded, statistics);
        for (Symmetry symmetry : Symmetry.values()) {
          Gauge gauge = choice.of(Set.of(symmetry));
          assertSame(
              model.architecture(), gauge.apply(model.architecture(), folded), ids, expected);
        }
        assertSame(
            model.architecture(),
            choice.of(ALL).apply(model.architecture(), folded),
            ids,
            expected);
      }
    }
  }

  private static void assertSame(
      Architecture architecture, Weights weights, Tensor ids, Tensor expected) {
    Tensor logits = new Decoder(architecture, weights).logits(ids);
    assertThat(logits.sub(expected).norm().item() / expected.norm().item()).isLessThan(1e-5);
  }

  private static CalibrationStatistics statistics(
      Architecture architecture, Weights weights, List<TokenSequence> text) {
    return CalibrationStatistics.collect(
        new Decoder(architecture, weights, weights.tensors().getFirst().dtype()),
        text,
        Windows.cut(text, architecture.config().contextLength()),
        _ -> {});
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void statisticsFollowTheGaugeAsIfTheyHadBeenCollectedInIt(String overrides) {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture(overrides);
      Weights weights = TinyModel.weights(architecture, 5);
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(architecture, 90, 6)));
      Weights folded = NormFolding.fold(architecture, weights);
      try (CalibrationStatistics raw = statistics(architecture, weights, text);
          CalibrationStatistics inNorms = statistics(architecture, folded, text);
          CalibrationStatistics unfolded = NormFolding.unfold(architecture, weights, inNorms)) {
        assertEqual(architecture, unfolded, raw, 1e-11);
        for (Gauge gauge :
            List.of(
                random(architecture, 7),
                new GaugeChoice(architecture, folded, inNorms).of(ALL),
                new GaugeChoice(architecture, folded, inNorms).of(Set.of()))) {
          try (CalibrationStatistics followed = gauge.apply(architecture, inNorms);
              CalibrationStatistics collected =
                  statistics(architecture, gauge.apply(architecture, folded), text)) {
            assertEqual(architecture, followed, collected, 1e-11);
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
      Weights folded = NormFolding.fold(model.architecture(), wide);
      try (CalibrationStatistics before = statistics(model.architecture(), folded, text)) {
        Gauge gauge = new GaugeChoice(model.architecture(), folded, before).of(ALL);
        try (CalibrationStatistics followed = gauge.apply(model.architecture(), before);
            CalibrationStatistics collected =
                statistics(model.architecture(), gauge.apply(model.architecture(), folded), text)) {
          assertEqual(model.architecture(), followed, collected, 1e-6);
        }
      }
    }
  }

  private static void assertEqual(
      Architecture architecture,
      CalibrationStatistics actual,
      CalibrationStatistics expected,
      double tolerance) {
    for (MatrixSpec matrix : architecture.matrices()) {
      if (matrix.inBlock() || matrix.name().equals(TinyModel.HEAD)) {
        assertClose(actual, expected, matrix.name(), tolerance);
      }
    }
    assertClose(actual, expected, TinyModel.HEAD, tolerance);
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
      Architecture architecture = TinyModel.architecture();
      Weights folded = NormFolding.fold(architecture, TinyModel.weights(architecture, 8));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(architecture, 24, 9)));
      try (CalibrationStatistics before = statistics(architecture, folded, text);
          CalibrationStatistics after = random(architecture, 10).apply(architecture, before)) {
        assertThat(after.input("model.layers.1.mlp.up_proj"))
            .isEqualTo("model.layers.1.mlp.gate_proj")
            .isEqualTo(after.input("model.layers.1.mlp.gate_proj"));
      }
    }
  }

  /** Eckart and Young: singular values know nothing of orthogonal bases. */
  @Test
  void theBestLowRankErrorDoesNotDependOnTheGauge() {
    try (var _ = new TensorScope()) {
      Architecture architecture =
          TinyModel.architecture("{'num_attention_heads': 6, 'num_key_value_heads': 2}");
      Weights folded = NormFolding.fold(architecture, TinyModel.weights(architecture, 11));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(architecture, 90, 12)));
      Gauge gauge = random(architecture, 13);
      Weights gauged = gauge.apply(architecture, folded);
      try (CalibrationStatistics before = statistics(architecture, folded, text);
          CalibrationStatistics after = gauge.apply(architecture, before)) {
        for (MatrixSpec matrix : architecture.matrices()) {
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
      Architecture architecture =
          TinyModel.architecture("{'num_attention_heads': 6, 'num_key_value_heads': 2}");
      Weights folded = NormFolding.fold(architecture, TinyModel.weights(architecture, 14));
      List<TokenSequence> text = List.of(TokenSequence.of(TinyModel.ids(architecture, 90, 15)));
      try (CalibrationStatistics before = statistics(architecture, folded, text)) {
        Gauge gauge = new GaugeChoice(architecture, folded, before).of(ALL);
        try (CalibrationStatistics after = gauge.apply(architecture, before)) {
          Tensor stream = Tensor.zeros(DType.F64, 12, 12);
          for (int i = 0; i < architecture.config().layers(); i++) {
            stream.addInPlace(after.covariance("model.layers.%d.mlp.up_proj".formatted(i)), 1);
            stream.addInPlace(after.covariance("model.layers.%d.self_attn.k_proj".formatted(i)), 1);
          }
          assertDecreasingDiagonal(stream);
          Weights gauged = gauge.apply(architecture, folded);
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
      Architecture architecture = TinyModel.architecture();
      Weights weights = TinyModel.weights(architecture, 21);
      String block = "model.layers.0.";
      weights.matrix(block + "self_attn.v_proj").matrix().narrow(0, 0, 6).scaleInPlace(0);
      weights.matrix(block + "self_attn.o_proj").matrix().narrow(1, 0, 6).scaleInPlace(0);
      weights.matrix(block + "mlp.up_proj").matrix().narrow(0, 0, 9).scaleInPlace(0);
      weights.vector(block + "input_layernorm.weight").narrow(0, 3, 4).scaleInPlace(0);
      int[] ids = TinyModel.ids(architecture, 24, 22);
      List<TokenSequence> text = List.of(TokenSequence.of(ids));
      Weights folded = NormFolding.fold(architecture, weights);
      try (CalibrationStatistics statistics = statistics(architecture, folded, text)) {
        Weights gauged =
            new GaugeChoice(architecture, folded, statistics).of(ALL).apply(architecture, folded);
        assertThat(
                new Decoder(architecture, gauged, DType.F64)
                    .logits(TinyModel.tensor(ids))
                    .toDoubles())
            .containsExactly(
                flat(new NaiveDecoder(architecture, weights).logits(ids)), within(1e-10));
      }
    }
  }

  @Test
  void gainsMustBeFoldedBeforeTheStreamIsTurned() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture();
      assertThatThrownBy(() ->
              random(architecture, 16).apply(architecture, TinyModel.weights(architecture, 17)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("fold");
    }
  }

  @Test
  void aGainThatIsOneNumberNeedsNoMatrix() {
    try (var _ = new TensorScope()) {
      Architecture architecture = TinyModel.architecture("{'tie_word_embeddings': true}");
      Weights weights = TinyModel.weights(architecture, 18);
      weights.vector("model.norm.weight").scaleInPlace(0);
      weights.vector("model.norm.weight").addInPlace(Tensor.full(1.7, DType.F64, 12), 1);
      int[] ids = TinyModel.ids(architecture, 20, 19);
      Weights gauged =
          random(architecture, 20).apply(architecture, NormFolding.fold(architecture, weights));
      assertThat(gauged.matrices()).doesNotContainKey(TinyModel.HEAD_GAIN);
      assertThat(
              new Decoder(architecture, gauged, DType.F64)
                  .logits(TinyModel.tensor(ids))
                  .toDoubles())
          .containsExactly(
              flat(new NaiveDecoder(architecture, weights).logits(ids)), within(1e-10));
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
