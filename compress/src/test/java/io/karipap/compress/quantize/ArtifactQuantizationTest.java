package io.karipap.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.family.Architectures;
import io.karipap.model.io.LoadedModel;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArtifactQuantizationTest {

  /** A compression of a published model by low rank. */
  @TempDir private static Path artifact = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void compress() {
    var _ =
        Compression.run(
            SharedTexts.request(SharedTexts.STORIES, artifact, 0.4, FactorizationKind.LOWRANK),
            Progress.NONE);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F16", "BF16"})
  void numbersTakeTwoBytesAndAreTheNearestOnesOfTheType(ElementType type) {
    Path narrow = folder.resolve("narrow");
    ArtifactQuantization.toHalf(artifact, Architectures.standard(), narrow, type, Optional.empty());
    DType half = type == ElementType.F16 ? DType.F16 : DType.BF16;
    try (var _ = new TensorScope();
        var before = LoadedModel.open(artifact);
        var after = LoadedModel.open(narrow)) {
      long numbers = 0;
      for (var matrix : before.weights().matrices().entrySet()) {
        var cores = matrix.getValue().cores();
        var narrowed = after.weights().matrix(matrix.getKey()).cores();
        for (int i = 0; i < cores.size(); i++) {
          numbers += cores.get(i).elements();
          assertThat(narrowed.get(i).toFloats())
              .isEqualTo(cores.get(i).to(half).to(DType.F32).toFloats());
        }
      }
      long vectors =
          before.weights().vectors().values().stream().mapToLong(v -> v.elements()).sum();
      assertThat(bytes(narrow)).isEqualTo(2 * numbers + 4 * vectors);
      assertThat(after.manifest().orElseThrow().method()).contains("float16");
      assertThat(after.weights().parameters()).isEqualTo(before.weights().parameters());
    }
  }

  @Test
  void codesComeNearTheArtifactAndNotTheOriginal() {
    Path coded = folder.resolve("coded");
    ArtifactQuantization.toCodes(
        artifact,
        Architectures.standard(),
        coded,
        SharedTexts.CALIBRATION,
        2048,
        QuantizationScheme.of("int8", 64),
        Optional.empty(),
        Progress.NONE);
    try (var _ = new TensorScope();
        var before = LoadedModel.open(artifact);
        var after = LoadedModel.open(coded)) {
      String name = "model.layers.2.mlp.up_proj";
      var matrix = before.weights().matrix(name).matrix();
      double error =
          after.weights().matrix(name).matrix().sub(matrix).norm().item() / matrix.norm().item();
      assertThat(error).isBetween(1e-5, 0.02);
      var entry =
          after.manifest().orElseThrow().matrices().stream()
              .filter(e -> e.name().equals(name))
              .findFirst()
              .orElseThrow();
      assertThat(entry.form()).isEqualTo("lowrank:int8");
      assertThat(entry.error()).isCloseTo(0, within(0.02));
      // a byte a number, and two for the scale of 64 of them
      long vectors =
          before.weights().vectors().values().stream().mapToLong(v -> v.elements()).sum();
      double numbers = before.weights().parameters() - (double) vectors;
      assertThat((double) bytes(coded) - 4 * vectors)
          .isBetween(numbers * (1 + 2.0 / 64), numbers * 1.2);
    }
  }

  @Test
  void anOriginalIsRefused() {
    assertThatThrownBy(() ->
            ArtifactQuantization.toHalf(
                SharedTexts.STORIES,
                Architectures.standard(),
                folder.resolve("out"),
                ElementType.F16,
                Optional.empty()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a compressed model");
    assertThatThrownBy(() ->
            ArtifactQuantization.toHalf(
                SharedTexts.STORIES,
                Architectures.standard(),
                folder.resolve("out"),
                ElementType.I8,
                Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static long bytes(Path artifact) {
    try (var store = TensorStore.open(artifact)) {
      return store.names().stream().mapToLong(name -> store.info(name).bytes()).sum();
    }
  }
}
