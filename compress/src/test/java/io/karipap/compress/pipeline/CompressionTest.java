package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.DyingProgress;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.UnitCell;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionTest {

  /** The first three blocks of a published model: every case of a pipeline, in half the time. */
  @TempDir private static Path model = Path.of("");

  /** The first block alone: where a run goes on from is the same with any number of them. */
  @TempDir private static Path block = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 3, model);
    SharedFiles.firstBlocks(SharedFiles.STORIES, 1, block);
  }

  @Test
  void theErrorThatIsReportedIsThatOfTheWrittenArtifact() {
    Path output = folder.resolve("out");
    var request = SharedTexts.request(model, output, 0.5, FactorizationKind.AUTO, 20);
    CompressionResult result = Compression.run(request, Progress.NONE);
    try (var _ = new TensorScope();
        var _ = Autograd.off();
        var original = LoadedModel.open(model);
        var compressed = LoadedModel.open(output)) {
      Map<String, double[]> sums = new HashMap<>();
      List<TokenSequence> ids =
          Documents.read(SharedTexts.CALIBRATION).encode(original.tokenizer());
      for (var window : Windows.spread(Windows.cut(ids, 512), request.calibration().tokens())) {
        Tensor tokens =
            Tensor.of(
                ids.get(window.document()).slice(window.start(), window.length()),
                1,
                window.length());
        var _ =
            original
                .decoder()
                .logits(
                    tokens,
                    (names, x) -> {
                      try (var _ = new TensorScope()) {
                        for (String name : names) {
                          if (original.weights().matrices().containsKey(name)) {
                            Tensor w = original.weights().matrix(name).matrix().to(DType.F64);
                            Tensor v = compressed.weights().matrix(name).matrix().to(DType.F64);
                            Tensor input = x.reshape(-1, x.size(-1)).to(DType.F64).transpose();
                            double[] sum = sums.computeIfAbsent(name, _ -> new double[2]);
                            sum[0] += w.sub(v).matmul(input).square().sum().item();
                            sum[1] += w.matmul(input).square().sum().item();
                          }
                        }
                      }
                    });
      }
      assertThat(result.matrices()).hasSize(1 + 3 * 7);
      for (MatrixEntry entry : result.matrices()) {
        if (!entry.form().equals("dense")) {
          double[] sum = sums.getOrDefault(entry.name(), new double[2]);
          assertThat(entry.error())
              .as(entry.name())
              .isCloseTo(Math.sqrt(sum[0] / sum[1]), within(1e-6));
        }
      }
      assertThat(compressed.weights().parameters()).isEqualTo(result.parametersAfter());
      assertThat(result.parameterRatio()).isBetween(0.495, 0.5);
      assertThat(output.resolve("report.html")).isNotEmptyFile();
    }
  }

  @Test
  void fullSizeReturnsTheLogits() {
    Path output = folder.resolve("out");
    Compression.run(SharedTexts.request(model, output, 1, FactorizationKind.AUTO), Progress.NONE);
    try (var _ = new TensorScope();
        var original = LoadedModel.open(model);
        var compressed = LoadedModel.open(output)) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378}, 1, 5);
      Tensor expected = original.decoder().logits(ids);
      double error = compressed.decoder().logits(ids).sub(expected).norm().item();
      assertThat(error / expected.norm().item()).isLessThan(1e-4);
    }
  }

  @Test
  void fullRankFactorsReturnTheLogits() throws IOException {
    Path recipe = folder.resolve("plan.yaml");
    try (var original = LoadedModel.open(model)) {
      List<Plan.Entry> entries =
          original.weights().matrices().entrySet().stream()
              .map(m ->
                  new Plan.Entry(
                      m.getKey(),
                      "lowrank",
                      (long) Math.min(m.getValue().rows(), m.getValue().columns())
                          * (m.getValue().rows() + m.getValue().columns())))
              .toList();
      Files.writeString(recipe, new Plan(1, entries).toYaml());
    }
    Path output = folder.resolve("out");
    Compression.run(SharedTexts.following(model, recipe, output), Progress.NONE);
    try (var _ = new TensorScope();
        var original = LoadedModel.open(model);
        var compressed = LoadedModel.open(output)) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378}, 1, 5);
      Tensor expected = original.decoder().logits(ids);
      double error = compressed.decoder().logits(ids).sub(expected).norm().item();
      assertThat(error / expected.norm().item()).isLessThan(1e-4);
    }
  }

  @Test
  void anInterruptedRunIsResumedToTheSameBytes() {
    CompressionRequest whole = healed(folder.resolve("whole"), false);
    Compression.run(whole, Progress.NONE);
    for (String stage : List.of("calibrating", "fitting", "healing")) {
      Path output = folder.resolve(stage);
      assertThatThrownBy(() -> Compression.run(healed(output, false), new DyingProgress(stage, 3)))
          .hasMessageContaining("killed");
      assertThat(output).doesNotExist();
      Compression.run(healed(output, true), Progress.NONE);
      assertThat(SharedFiles.contents(output)).isEqualTo(SharedFiles.contents(whole.output()));
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .noneMatch(name -> name.startsWith("."));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static CompressionRequest healed(Path output, boolean resume) {
    return new CompressionRequest(
        block,
        output,
        new CalibrationText(SharedTexts.CALIBRATION, 4096),
        AllocationSettings.uniform(0.6),
        new FitSettings(FactorizationKind.RING, Optional.empty(), 5, 0),
        Optional.of(Set.of()),
        new RunSettings(4_096, 7, resume));
  }

  private static CompressionRequest cells(
      Path output, FactorizationKind form, int cells, boolean resume) {
    return new CompressionRequest(
            model,
            output,
            new CalibrationText(SharedTexts.CALIBRATION, 4096),
            AllocationSettings.uniform(0.4),
            new FitSettings(form, Optional.empty(), 5, 0),
            Optional.of(Set.of()),
            new RunSettings(0, 7, resume))
        .withCells(cells);
  }

  @Test
  void cellsShareTensorsWithinTheSameSizeAndAreResumed() {
    Path output = folder.resolve("whole");
    CompressionResult result =
        Compression.run(cells(output, FactorizationKind.CELL, 2, false), Progress.NONE);
    assertThat(result.parameterRatio()).isBetween(0.37, 0.4);
    assertThat(result.matrices().stream().filter(e -> e.form().equals("cell"))).hasSize(21);
    try (var _ = new TensorScope();
        var compressed = LoadedModel.open(output)) {
      assertThat(compressed.weights().parameters()).isEqualTo(result.parametersAfter());
      // three blocks: a cell of two, and one block alone
      List<Tensor> first = shared(compressed, 0);
      assertThat(first).isNotEmpty();
      for (int i = 0; i < first.size(); i++) {
        assertThat(shared(compressed, 1).get(i)).isSameAs(first.get(i));
      }
      assertThat(shared(compressed, 2)).doesNotContainAnyElementsOf(first);
    }
    Path interrupted = folder.resolve("interrupted");
    assertThatThrownBy(() ->
            Compression.run(
                cells(interrupted, FactorizationKind.CELL, 2, false),
                new DyingProgress("fitting", 6)))
        .hasMessageContaining("killed");
    Compression.run(cells(interrupted, FactorizationKind.CELL, 2, true), Progress.NONE);
    assertThat(SharedFiles.contents(interrupted)).isEqualTo(SharedFiles.contents(output));
  }

  private static List<Tensor> shared(LoadedModel compressed, int block) {
    return ((UnitCell) compressed.weights().matrix("model.layers.%d.mlp.up_proj".formatted(block)))
        .shared();
  }

  @Test
  void autoTakesACellWhereItLosesLess() {
    CompressionResult separate =
        Compression.run(
            cells(folder.resolve("a"), FactorizationKind.AUTO, 0, false), Progress.NONE);
    CompressionResult joint =
        Compression.run(
            cells(folder.resolve("b"), FactorizationKind.AUTO, 3, false), Progress.NONE);
    assertThat(joint.parameterRatio()).isLessThanOrEqualTo(0.4);
    for (String family :
        List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")) {
      boolean cell = of(joint, family).anyMatch(e -> e.form().equals("cell"));
      double before = of(separate, family).mapToDouble(e -> e.error() * e.error()).sum();
      double after = of(joint, family).mapToDouble(e -> e.error() * e.error()).sum();
      if (cell) {
        assertThat(of(joint, family)).allMatch(e -> e.form().equals("cell"));
        assertThat(after).as(family).isLessThan(before);
      } else {
        assertThat(after).as(family).isCloseTo(before, within(1e-12));
      }
    }
  }

  private static Stream<MatrixEntry> of(CompressionResult result, String family) {
    return result.matrices().stream().filter(entry -> entry.name().endsWith(family));
  }

  @Test
  void aResumedRunRefusesOtherSettings() {
    Path output = folder.resolve("out");
    assertThatThrownBy(
            () -> Compression.run(healed(output, false), new DyingProgress("fitting", 5)))
        .hasMessageContaining("killed");
    var other = SharedTexts.request(block, output, 0.4, FactorizationKind.RING);
    assertThatThrownBy(() ->
            Compression.run(
                new CompressionRequest(
                    other.model(),
                    output,
                    other.calibration(),
                    AllocationSettings.uniform(0.3),
                    new FitSettings(FactorizationKind.RING, Optional.empty(), 20, 0),
                    Optional.of(Set.of()),
                    new RunSettings(0, 7, true)),
                Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("other settings");
  }

  @Test
  void aFolderThatIsNotOursIsLeftAlone() throws IOException {
    Path output = Files.createDirectory(folder.resolve("out"));
    Files.writeString(output.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() ->
            Compression.run(
                SharedTexts.request(model, output, 0.5, FactorizationKind.LOWRANK), Progress.NONE))
        .isInstanceOf(CheckpointException.class);
    assertThat(output.resolve("thesis.txt")).hasContent("years of work");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(output);
    }
  }

  @Test
  void aTargetTooSmallForAnyMatrixIsRefused() {
    assertThatThrownBy(() ->
            Compression.run(
                SharedTexts.request(model, folder.resolve("out"), 0.01, FactorizationKind.LOWRANK),
                Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @Tag("slow")
  void ringsBeatLowRankAndAutoIsNeverWorseThanEither() {
    CompressionResult lowRank = tiny1m(FactorizationKind.LOWRANK);
    CompressionResult ring = tiny1m(FactorizationKind.RING);
    CompressionResult auto = tiny1m(FactorizationKind.AUTO);
    assertThat(ring.meanSquaredError()).isLessThan(0.9 * lowRank.meanSquaredError());
    assertThat(auto.meanSquaredError()).isLessThan(lowRank.meanSquaredError());
    for (int i = 0; i < auto.matrices().size(); i++) {
      double bound = Math.min(ring.matrices().get(i).error(), lowRank.matrices().get(i).error());
      assertThat(auto.matrices().get(i).error()).isLessThanOrEqualTo(bound + 1e-7);
    }
  }

  private CompressionResult tiny1m(FactorizationKind form) {
    Path output = folder.resolve(form.label());
    Path wide = folder.resolve("wide");
    SharedFiles.firstBlocks(SharedFiles.TINY1M, 1, wide);
    CompressionResult result =
        Compression.run(SharedTexts.request(wide, output, 0.4, form, 40), Progress.NONE);
    assertThat(result.parameterRatio()).isBetween(0.396, 0.4);
    return result;
  }
}
