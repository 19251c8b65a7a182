package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.DyingProgress;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealRequest;
import io.karipap.compress.HealResult;
import io.karipap.compress.Plan;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.gauge.GaugeSelection;
import io.karipap.compress.heal.BasisAlignment;
import io.karipap.compress.heal.Distillation;
import io.karipap.compress.heal.Healing;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.gauge.GaugeChoice;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GaugedCompressionTest {

  private static final Optional<Set<Symmetry>> ALL = Optional.of(EnumSet.allOf(Symmetry.class));
  private static final Optional<Set<Symmetry>> AUTO = Optional.empty();

  /** The first blocks of published models, of which the first has tied embeddings. */
  @TempDir private static Path tied = Path.of("");

  @TempDir private static Path untied = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 1, tied);
    SharedFiles.firstBlocks(SharedFiles.TINY1M, 1, untied);
  }

  private CompressionRequest request(
      Path model, double parameters, FactorizationKind form, int iterations) {
    return new CompressionRequest(
        model,
        folder.resolve("out"),
        new CalibrationText(SharedTexts.CALIBRATION, 4096),
        AllocationSettings.uniform(parameters),
        new FitSettings(form, Optional.empty(), iterations, 0),
        Optional.of(Set.of()),
        new RunSettings(0, 1, false));
  }

  private CompressionRequest dense(Path model) throws IOException {
    Path recipe = SharedTexts.recipe(model, folder.resolve("plan.yaml"), "dense", Plan.Entry.PLAIN);
    return SharedTexts.following(model, recipe, folder.resolve("out")).withGauge(ALL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anArtifactInAnotherBasisHasTheLogitsOfItsOriginal(boolean isTied) throws IOException {
    Path model = isTied ? tied : untied;
    CompressionResult result = Compression.run(dense(model), Progress.NONE);
    try (var _ = new TensorScope();
        var original = LoadedModel.open(model);
        var artifact = LoadedModel.open(folder.resolve("out"))) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378}, 1, 5);
      Tensor expected = original.decoder().logits(ids);
      double error = artifact.decoder().logits(ids).sub(expected).norm().item();
      assertThat(error / expected.norm().item()).isLessThan(1e-4);
      assertThat(artifact.manifest().orElseThrow().gauge())
          .containsExactly("residual", "values", "neurons");
      // of width 64
      assertThat(artifact.weights().parameters() - original.weights().parameters())
          .isEqualTo(isTied ? 64 * 64 : 0);
      assertThat(result.parametersAfter()).isEqualTo(artifact.weights().parameters());
      assertThat(artifact.weights().matrices().containsKey("model.head_gain")).isEqualTo(isTied);
    }
  }

  @Test
  void theBasisWithTheSmallestErrorIsTakenAndPaidFor() {
    CompressionResult result =
        Compression.run(
            request(tied, 0.45, FactorizationKind.RING, 20).withGauge(AUTO), Progress.NONE);
    assertThat(result.trials()).hasSize(GaugeSelection.CANDIDATES.size());
    GaugeTrial best =
        result.trials().stream()
            .min(Comparator.comparingDouble(GaugeTrial::meanSquaredError))
            .orElseThrow();
    assertThat(result.gauge()).isEqualTo(best.gauge());
    assertThat(result.trials())
        .anySatisfy(trial -> assertThat(trial.extraParameters()).isEqualTo(64 * 64));
    assertThat(result.parameterRatio()).isBetween(0.43, 0.45);
    assertThat(folder.resolve("out/report.html")).content().contains("<h2>Gauge trials</h2>");
  }

  @Test
  void whatABasisStoresIsTakenFromTheMatricesAndTheModelIsHealedInIt() {
    Path artifact = folder.resolve("out");
    CompressionResult result =
        Compression.run(
            request(tied, 0.45, FactorizationKind.LOWRANK, 0).withGauge(ALL), Progress.NONE);
    assertThat(result.parameterRatio()).isBetween(0.42, 0.45);
    assertThat(result.matrices().getLast())
        .isEqualTo(
            new MatrixEntry("model.head_gain", "dense", 64, 64, java.util.Map.of(), 0, 64 * 64));

    HealResult healed =
        Healing.run(
            new HealRequest(
                artifact, tied, SharedFiles.CALIBRATION, 10_000, HealOptions.standard(), 1, false),
            Progress.NONE);
    assertThat(healed.klAfter()).isLessThan(0.8 * healed.klBefore());
    try (var model = LoadedModel.open(artifact)) {
      assertThat(model.manifest().orElseThrow().gauge()).contains("residual");
      assertThat(model.weights().matrices()).containsKey("model.head_gain");
    }
  }

  /** Eckart and Young, through the whole pipeline. */
  @Test
  void lowRankErrorsDoNotDependOnTheBasisAndNeedNoChoice() {
    var request = request(untied, 0.4, FactorizationKind.LOWRANK, 0);
    CompressionResult original = Compression.run(request, Progress.NONE);
    CompressionResult turned = Compression.run(request.withGauge(ALL), Progress.NONE);
    for (int i = 0; i < original.matrices().size(); i++) {
      MatrixEntry entry = original.matrices().get(i);
      if (entry.form().equals("lowrank")) {
        assertThat(turned.matrices().get(i).error())
            .as(entry.name())
            .isCloseTo(entry.error(), within(1e-5));
      }
    }
    CompressionResult chosen = Compression.run(request.withGauge(AUTO), Progress.NONE);
    assertThat(chosen.gauge()).isEmpty();
    assertThat(chosen.trials()).isEmpty();
  }

  @Test
  void anInterruptedRunIsResumedInItsBasis() {
    var request = request(tied, 0.45, FactorizationKind.RING, 3).withGauge(AUTO);
    Compression.run(request, Progress.NONE);
    var whole = SharedFiles.contents(request.output());
    for (String stage : List.of("choosing a basis", "fitting")) {
      Path output = folder.resolve(stage);
      var interrupted = at(output, false);
      assertThatThrownBy(() -> Compression.run(interrupted, new DyingProgress(stage, 3)))
          .hasMessageContaining("killed");
      Compression.run(at(output, true), Progress.NONE);
      assertThat(SharedFiles.contents(output)).isEqualTo(whole);
    }
  }

  private CompressionRequest at(Path output, boolean resume) {
    return new CompressionRequest(
            tied,
            output,
            new CalibrationText(SharedTexts.CALIBRATION, 4096),
            AllocationSettings.uniform(0.45),
            new FitSettings(FactorizationKind.RING, Optional.empty(), 3, 0),
            Optional.of(Set.of()),
            new RunSettings(0, 1, resume))
        .withGauge(AUTO);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTeacherIsTurnedIntoItsStudentsBasis(boolean isTied) {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(isTied ? tied : untied)) {
      Weights folded = NormFolding.fold(model.architecture(), model.weights());
      Documents text = Documents.read(SharedFiles.CALIBRATION);
      Weights student;
      try (var statistics =
          CalibrationSplit.whole(model.config(), text.encode(model.tokenizer()), 1024)
              .statistics(new Decoder(model.architecture(), folded), Progress.NONE)) {
        student =
            new GaugeChoice(model.architecture(), folded, statistics)
                .of(EnumSet.allOf(Symmetry.class))
                .apply(model.architecture(), folded);
      }
      Weights teacher =
          BasisAlignment.align(
              model.architecture(), model.weights(), student, text.encode(model.tokenizer()));
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378, 383}, 1, 6);
      Decoder decoder = new Decoder(model.architecture(), student);
      Decoder turned = new Decoder(model.architecture(), teacher);
      assertThat(new Distillation(turned, 1).loss(decoder, ids).item()).isCloseTo(0, within(1e-6));
      assertThat(new Distillation(model.decoder(), 1).loss(decoder, ids).item()).isGreaterThan(0.1);
    }
  }
}
