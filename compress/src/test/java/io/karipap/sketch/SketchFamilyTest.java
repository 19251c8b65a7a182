package io.karipap.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.CompressionBuilder;
import io.karipap.Karipap;
import io.karipap.LanguageModel;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.HealResult;
import io.karipap.compress.SharedTexts;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.LoadedModel;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A family that is one class outside of the library goes all the way through it. */
class SketchFamilyTest {

  private static final Architectures KNOWN =
      Architectures.standard().with(SketchArchitecture.FAMILY);
  private static final int[] IDS = {1, 403, 407, 261, 378, 300, 9, 511, 2, 77, 78, 79};

  @TempDir private static Path folder;
  private static Path model = Path.of("");
  private static double[] logits = {};

  @BeforeAll
  static void write() {
    model = folder.resolve("model");
    logits = flat(SketchFiles.write(model).logits(IDS));
  }

  private static double[] flat(double[][] rows) {
    return Stream.of(rows).flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  private static Tensor ids(int... ids) {
    return Tensor.of(java.util.Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
  }

  private static void assertLogits(LoadedModel loaded, double tolerance) {
    assertThat(loaded.decoder().logits(ids(IDS)).toDoubles())
        .containsExactly(logits, within(tolerance));
  }

  private static CompressionBuilder compression() {
    return Karipap.compress(model)
        .architectures(KNOWN)
        .calibration(SharedTexts.CALIBRATION)
        .calibrationTokens(1024)
        .iterations(4)
        .seed(1);
  }

  @Test
  void fusedAndTransposedTensorsAreReadIntoTheMatricesOfASecondImplementation() {
    try (var _ = new TensorScope();
        LoadedModel loaded = LoadedModel.open(model, KNOWN)) {
      assertLogits(loaded, 1e-4);
      Decoder decoder = loaded.decoder();
      try (var cache = new KeyValueCache(loaded.architecture(), IDS.length)) {
        var _ = decoder.next(ids(java.util.Arrays.copyOf(IDS, 7)), cache);
        double[] last =
            decoder.next(ids(java.util.Arrays.copyOfRange(IDS, 7, IDS.length)), cache).toDoubles();
        assertThat(last)
            .containsExactly(
                java.util.Arrays.copyOfRange(
                    logits, logits.length - SketchFiles.VOCABULARY, logits.length),
                within(1e-4));
      }
    }
  }

  @Test
  void whoDoesNotKnowTheFamilyIsToldTheKnownOnes() {
    assertThatThrownBy(() -> LoadedModel.open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("SketchLMHeadModel")
        .hasMessageContaining("supported are [LlamaForCausalLM");
  }

  @Test
  void matricesKeptAsTheyAreGiveTheSameModelFromTheArtifact() {
    Path kept = folder.resolve("kept");
    var _ = compression().parameters(1).form(FactorizationKind.DENSE).gauge(Set.of()).to(kept);
    try (var _ = new TensorScope();
        LoadedModel original = LoadedModel.open(model, KNOWN);
        LoadedModel artifact = LoadedModel.open(kept, KNOWN)) {
      assertThat(artifact.decoder().logits(ids(IDS)).toDoubles())
          .containsExactly(original.decoder().logits(ids(IDS)).toDoubles());
    }
  }

  @Test
  void uniformLowRankLosesMoreTheSmallerItIsAndIsHealed() {
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      CompressionResult result =
          compression()
              .parameters(i == 0 ? 0.8 : 0.5)
              .form(FactorizationKind.LOWRANK)
              .to(folder.resolve("uniform" + i));
      errors[i] = result.meanSquaredError();
      assertThat(result.parameterRatio()).isCloseTo(i == 0 ? 0.8 : 0.5, within(0.03));
      assertThat(result.matrices()).hasSize(1 + 6 * SketchFiles.BLOCKS);
    }
    assertThat(errors[0]).isPositive().isLessThan(errors[1]);
    HealResult healed =
        Karipap.heal(folder.resolve("uniform1"))
            .architectures(KNOWN)
            .teacher(model)
            .text(SharedTexts.CALIBRATION)
            .tokens(8_000)
            .run();
    assertThat(healed.klAfter()).isLessThan(healed.klBefore());
    try (LanguageModel small = LanguageModel.open(folder.resolve("uniform1"), KNOWN)) {
      assertThat(small.generate("Once upon", 8).text()).isNotEmpty();
      assertThat(small.loss("Once upon a time there was a cat.")).isFinite();
    }
  }

  @Test
  void planAndFlowChooseFormsForItToo() {
    CompressionResult flow = compression().parameters(0.6).flow().to(folder.resolve("flow"));
    assertThat(flow.parameterRatio()).isCloseTo(0.6, within(0.03));
    CompressionResult plan = compression().memory(0.2).to(folder.resolve("plan"));
    assertThat(plan.memoryRatio()).isLessThanOrEqualTo(0.2);
    assertThat(plan.matrices().stream().map(MatrixEntry::form)).anyMatch(f -> f.contains(":"));
    try (var _ = new TensorScope();
        LoadedModel artifact = LoadedModel.open(folder.resolve("plan"), KNOWN)) {
      assertThat(artifact.decoder().logits(ids(IDS)).isFinite()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Symmetry.class,
      names = {"VALUES", "NEURONS"})
  void basesThatItsSpacesAllowLeaveTheLogitsAndTheStoredTensorsInTheirPlaces(Symmetry symmetry) {
    Path turned = folder.resolve("turned-" + symmetry.label());
    var _ =
        Karipap.gauge(model)
            .architectures(KNOWN)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(1024)
            .symmetries(EnumSet.of(symmetry))
            .to(turned);
    try (var _ = new TensorScope();
        LoadedModel loaded = LoadedModel.open(turned, KNOWN);
        TensorStore before = TensorStore.open(model);
        TensorStore after = TensorStore.open(turned)) {
      assertLogits(loaded, 1e-3);
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
      for (String name : before.names()) {
        assertThat(after.info(name).shape()).as(name).isEqualTo(before.info(name).shape());
      }
      String moved =
          "h.1.%s.weight".formatted(symmetry == Symmetry.VALUES ? "attn.c_attn" : "mlp.c_fc");
      assertThat(after.data(moved).mismatch(before.data(moved))).isNotNegative();
    }
  }

  @Test
  void aBasisThatItsNormsDoNotAllowIsRefused() {
    assertThatThrownBy(() ->
            compression()
                .parameters(0.5)
                .gauge(EnumSet.of(Symmetry.RESIDUAL))
                .to(folder.resolve("refused")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SketchLMHeadModel has no symmetry 'residual'")
        .hasMessageContaining("[values, neurons]");
  }
}
