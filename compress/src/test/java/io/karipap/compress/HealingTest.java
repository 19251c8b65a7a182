package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.TensorStore;
import io.karipap.model.LoadedModel;
import io.karipap.network.quantise.Scheme;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealingTest {

  @TempDir Path folder;

  @Test
  void distillationBringsTheModelCloserToItsOriginal() {
    Path artifact = compressed();
    HealResult result = Healing.run(request(artifact, Shared.STORIES), Progress.NONE);
    assertThat(result.klAfter()).isLessThan(0.8 * result.klBefore());
    assertThat(result.lossAfter()).isLessThan(result.lossBefore());
    try (var healed = LoadedModel.open(artifact)) {
      assertThat(healed.manifest().orElseThrow().method()).contains("healed");
    }
  }

  @Test
  void onlyTheOriginalCanBeTheTeacher() {
    Path artifact = compressed();
    var before = Shared.contents(artifact);
    assertThatThrownBy(() -> Healing.run(request(artifact, Shared.TINY1M), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not the original");
    assertThatThrownBy(() -> Healing.run(request(Shared.STORIES, Shared.STORIES), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a compressed model");
    assertThat(Shared.contents(artifact)).isEqualTo(before);
  }

  @Test
  void theOriginalHasNothingToLearnFromItself() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(Shared.STORIES)) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378, 383}, 1, 6);
      Tensor loss = new Distillation(model.decoder(), 1).loss(model.decoder(), ids);
      assertThat(loss.item()).isCloseTo(0, within(1e-6));
    }
  }

  /** Two bits lose nearly all; scales alone bring little of it back. */
  @ParameterizedTest
  @ValueSource(strings = {"int2", "ternary"})
  void healingThroughTheRoundingGainsMoreThanHealingTheScales(String format) throws IOException {
    Path artifact = coded("all", format);
    Path scales = coded("scales", format);
    var before = codes(artifact);
    HealResult all = Healing.run(request(artifact, Shared.STORIES), Progress.NONE);
    HealResult alone =
        Healing.run(
            request(scales, HealOptions.standard().withTrain(Trainable.SCALES), false),
            Progress.NONE);

    assertThat(alone.klBefore()).isEqualTo(all.klBefore());
    assertThat(alone.klAfter()).isLessThan(alone.klBefore());
    assertThat(all.klAfter()).isLessThan(0.8 * alone.klAfter());
    assertThat(codes(scales)).isEqualTo(before);
    assertThat(codes(artifact)).isNotEqualTo(before);
    // what was looked at is what was written
    HealResult again = Healing.run(request(artifact, Shared.STORIES), Progress.NONE);
    assertThat(again.klBefore()).isCloseTo(all.klAfter(), within(1e-6));
  }

  @Test
  void anInterruptedHealingOfCodesIsBitForBitTheUninterruptedOne() throws IOException {
    Path whole = coded("whole", "int3");
    Path parts = coded("parts", "int3");
    var _ = Healing.run(request(whole, Shared.STORIES), Progress.NONE);
    assertThatThrownBy(() ->
            Healing.run(request(parts, Shared.STORIES), new Dying("healing", 7)))
        .hasMessageContaining("killed");
    var _ = Healing.run(request(parts, HealOptions.standard(), true), Progress.NONE);
    assertThat(Files.readAllBytes(parts.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
  }

  @Test
  void scalesOfAModelWithoutCodesCannotBeTrained() {
    Path artifact = compressed();
    HealOptions scales = HealOptions.standard().withTrain(Trainable.SCALES);
    assertThatThrownBy(() -> Healing.run(request(artifact, scales, false), Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a model whose numbers are coded");
  }

  private Path coded(String name, String format) {
    Path artifact = folder.resolve(name);
    Compression.run(
        Shared.request(Shared.STORIES, artifact, 1, Form.DENSE)
            .withQuantise(Scheme.of(format, 64)),
        Progress.NONE);
    return artifact;
  }

  /** All stored codes, by name. */
  private static Map<String, byte[]> codes(Path artifact) {
    Map<String, byte[]> codes = new TreeMap<>();
    try (var store = TensorStore.open(artifact)) {
      for (String name : store.names()) {
        if (name.endsWith(".codes")) {
          codes.put(name, store.data(name).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
    return codes;
  }

  private Path compressed() {
    Path artifact = folder.resolve("artifact");
    Compression.run(Shared.request(Shared.STORIES, artifact, 0.4, Form.LOWRANK), Progress.NONE);
    return artifact;
  }

  private static HealRequest request(Path artifact, HealOptions options, boolean resume) {
    return new HealRequest(
        artifact, Shared.STORIES, Shared.CALIBRATION, 20_000, options, 1, resume);
  }

  private static HealRequest request(Path artifact, Path teacher) {
    return new HealRequest(artifact, teacher, Shared.CALIBRATION, 20_000, HealOptions.standard(), 1, false);
  }
}
