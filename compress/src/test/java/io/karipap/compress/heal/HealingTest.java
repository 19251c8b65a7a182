package io.karipap.compress.heal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.DyingProgress;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealRequest;
import io.karipap.compress.HealResult;
import io.karipap.compress.HealingMode;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.io.LoadedModel;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealingTest {

  /** Length of a run that shows how something is done, and not how well. */
  private static final long RUN_TOKENS = 1024;

  /** Length of a run that learns something. */
  private static final long LEARNING_TOKENS = 4096;

  /** The first three blocks of a published model, with a context of 128 for short steps. */
  @TempDir private static Path original = Path.of("");

  /** Compressions that several tests start from, and what healing made of them, each made once. */
  @TempDir private static Path made = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() throws IOException {
    Path config = SharedFiles.firstBlocks(SharedFiles.STORIES, 3, original).resolve("config.json");
    String shorter =
        Files.readString(config)
            .replaceFirst(
                "\"max_position_embeddings\": *[0-9]+", "\"max_position_embeddings\": 128");
    Files.writeString(config, shorter);
  }

  @Test
  void distillationBringsTheModelCloserToItsOriginal() {
    Path artifact = compressed();
    HealResult result = Healing.run(request(artifact, original), Progress.NONE);
    assertThat(result.klAfter()).isLessThan(0.8 * result.klBefore());
    assertThat(result.lossAfter()).isLessThan(result.lossBefore());
    try (var healed = LoadedModel.open(artifact)) {
      assertThat(healed.manifest().orElseThrow().method()).contains("healed");
    }
  }

  @Test
  void onlyTheOriginalCanBeTheTeacher() {
    Path artifact = compressed();
    var before = SharedFiles.contents(artifact);
    assertThatThrownBy(() -> Healing.run(request(artifact, SharedTexts.TINY1M), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not the original");
    assertThatThrownBy(() -> Healing.run(request(original, original), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a compressed model");
    assertThat(SharedFiles.contents(artifact)).isEqualTo(before);
  }

  @Test
  void theOriginalHasNothingToLearnFromItself() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(original)) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378, 383}, 1, 6);
      Tensor loss = new Distillation(model.decoder(), 1).loss(model.decoder(), ids);
      assertThat(loss.item()).isCloseTo(0, within(1e-6));
    }
  }

  /** Two bits lose nearly all; scales alone bring little of it back. */
  @Test
  void healingThroughTheRoundingGainsMoreThanHealingTheScales() {
    Path artifact = coded("all", "int2");
    Path scales = coded("scales", "int2");
    var before = codes(artifact);
    HealResult all = Healing.run(request(artifact, original), Progress.NONE);
    HealResult alone =
        Healing.run(
            request(
                scales,
                LEARNING_TOKENS,
                HealOptions.standard().withTrain(HealingMode.SCALES),
                false),
            Progress.NONE);

    assertThat(alone.klBefore()).isEqualTo(all.klBefore());
    assertThat(alone.klAfter()).isLessThan(alone.klBefore());
    assertThat(all.klAfter()).isLessThan(0.9 * alone.klAfter());
    assertThat(differing(before, codes(scales))).isZero();
    assertThat(differing(before, codes(artifact))).isPositive();
  }

  @Test
  void anInterruptedHealingOfCodesIsBitForBitTheUninterruptedOne() throws IOException {
    Path whole = coded("whole", "int3");
    Path parts = coded("parts", "int3");
    HealOptions options = HealOptions.standard();
    var _ = Healing.run(request(whole, RUN_TOKENS, options, false), Progress.NONE);
    assertThatThrownBy(() ->
            Healing.run(
                request(parts, RUN_TOKENS, options, false), new DyingProgress("healing", 5)))
        .hasMessageContaining("killed");
    FirstReport resumed = new FirstReport();
    var _ = Healing.run(request(parts, RUN_TOKENS, options, true), resumed);
    // it went on, and did not begin anew: a step has 128 tokens
    assertThat(resumed.first).isGreaterThan(128);
    assertThat(Files.readAllBytes(parts.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
  }

  /** Both phases of windows are behind it, or the first alone. */
  @ParameterizedTest
  @CsvSource({"blocks, 6", "healing, 3"})
  void anInterruptedReconstructionIsBitForBitTheUninterruptedOne(String stage, int calls)
      throws IOException {
    HealOptions options = HealOptions.standard().withBlockwise(RUN_TOKENS);
    Path whole = reconstructed(options);
    Path parts = coded("parts", "int3");
    assertThatThrownBy(() ->
            Healing.run(
                request(parts, RUN_TOKENS, options, false), new DyingProgress(stage, calls)))
        .hasMessageContaining("killed");
    var _ = Healing.run(request(parts, RUN_TOKENS, options, true), Progress.NONE);
    assertThat(Files.readAllBytes(parts.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
  }

  private Path reconstructed(HealOptions options) {
    Path whole = made.resolve("reconstructed");
    if (!Files.exists(whole)) {
      SharedFiles.copy(coded("whole", "int3"), whole);
      var _ = Healing.run(request(whole, RUN_TOKENS, options, false), Progress.NONE);
    }
    return whole;
  }

  @Test
  void scalesOfAModelWithoutCodesCannotBeTrained() {
    Path artifact = compressed();
    HealOptions scales = HealOptions.standard().withTrain(HealingMode.SCALES);
    assertThatThrownBy(
            () -> Healing.run(request(artifact, RUN_TOKENS, scales, false), Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only a model with quantized numbers has scales");
  }

  @ParameterizedTest
  @CsvSource({"LORA, dense:int3+lowrank", "TT_LORA, dense:int3+pepo"})
  void updatesOfACodedModelAreStoredBesideItsCodes(HealingMode train, String form) {
    Path artifact = coded("adapted", "int3");
    var before = codes(artifact);
    HealResult result =
        Healing.run(
            request(artifact, RUN_TOKENS, HealOptions.standard().withTrain(train), false),
            Progress.NONE);

    assertThat(result.klAfter()).isLessThan(result.klBefore());
    try (var healed = LoadedModel.open(artifact)) {
      assertThat(healed.manifest().orElseThrow().matrices())
          .filteredOn(entry -> entry.name().startsWith("model.layers."))
          .hasSize(21)
          .allMatch(entry -> entry.form().equals(form));
    }
    assertThat(differing(before, codes(artifact))).isZero();
    // what was looked at is what was written
    HealResult again =
        Healing.run(request(artifact, RUN_TOKENS, HealOptions.standard(), false), Progress.NONE);
    assertThat(again.klBefore()).isCloseTo(result.klAfter(), within(1e-6));
  }

  @Test
  void aModelHealsOnTextOfItsOriginal() throws IOException {
    List<byte[]> results = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      Path artifact = coded(name, "int2");
      HealRequest request =
          new HealRequest(
              artifact,
              original,
              Optional.empty(),
              RUN_TOKENS,
              HealOptions.standard(),
              new RunSettings(RUN_TOKENS, 1, false));
      HealResult result = Healing.run(request, Progress.NONE);
      assertThat(result.klAfter()).isLessThan(result.klBefore());
      results.add(Files.readAllBytes(artifact.resolve("model.safetensors")));
    }
    assertThat(results.getFirst()).isEqualTo(results.getLast());
  }

  @Test
  void withoutTextThereIsNothingToLearnOn() {
    assertThatThrownBy(() ->
            new HealRequest(
                folder,
                folder,
                Optional.empty(),
                0,
                HealOptions.standard(),
                new RunSettings(100, 1, false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to learn on");
  }

  private Path coded(String name, String format) {
    Path artifact = made.resolve(format);
    if (!Files.exists(artifact)) {
      Compression.run(
          SharedTexts.request(original, artifact, 1, FactorizationKind.DENSE)
              .withQuantization(QuantizationScheme.of(format, 64)),
          Progress.NONE);
    }
    return SharedFiles.copy(artifact, folder.resolve(name));
  }

  /** All stored codes, by name. */
  private static Map<String, byte[]> codes(Path artifact) {
    Map<String, byte[]> codes = new TreeMap<>();
    try (var store = TensorStore.open(artifact)) {
      for (String name : store.names()) {
        if (name.endsWith(".codes")) {
          // a matrix with an update is called the base of a sum
          codes.put(name.replace(".base.", "."), store.data(name).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
    return codes;
  }

  private static long differing(Map<String, byte[]> one, Map<String, byte[]> two) {
    assertThat(one.keySet()).isEqualTo(two.keySet()).isNotEmpty();
    return one.keySet().stream()
        .filter(name -> !Arrays.equals(one.get(name), two.get(name)))
        .count();
  }

  private Path compressed() {
    Path artifact = made.resolve("lowrank");
    if (!Files.exists(artifact)) {
      Compression.run(
          SharedTexts.request(original, artifact, 0.4, FactorizationKind.LOWRANK), Progress.NONE);
    }
    return SharedFiles.copy(artifact, folder.resolve("artifact"));
  }

  private static HealRequest request(
      Path artifact, long tokens, HealOptions options, boolean resume) {
    return new HealRequest(artifact, original, SharedTexts.CALIBRATION, tokens, options, 1, resume);
  }

  /** Remembers how far the distillation was when it was first heard of. */
  private static final class FirstReport implements Progress {

    private boolean healing;
    private long first;

    @Override
    public void stage(String name, long total) {
      healing = name.equals("healing");
    }

    @Override
    public void at(long done, String note) {
      if (healing && first == 0) {
        first = done;
      }
    }
  }

  private static HealRequest request(Path artifact, Path teacher) {
    return new HealRequest(
        artifact,
        teacher,
        SharedTexts.CALIBRATION,
        LEARNING_TOKENS,
        HealOptions.standard(),
        1,
        false);
  }
}
