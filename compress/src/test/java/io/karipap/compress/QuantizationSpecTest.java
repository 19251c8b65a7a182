package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.heal.Healing;
import io.karipap.compress.pipeline.Compression;
import io.karipap.compress.quantize.MatrixQuantizer;
import io.karipap.model.io.LoadedModel;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.Sum;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizationSpecTest {

  private static final String CORRECTED = "lloyd2/128+rank4:int6/64";

  /** The first two blocks of a published model. */
  @TempDir private static Path stories = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 2, stories);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int4/64",
        "ternary/128",
        "coded/1.250e-08",
        "coded32/3.000e+00",
        CORRECTED,
        "uint3/32+rank12:int8/64"
      })
  void labelsAreReadAsTheyAreWritten(String label) {
    assertThat(QuantizationSpec.parse(label).label()).isEqualTo(label);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "int4",
        "coded",
        "coded16/1.000e-08",
        "coded/0.000e+00",
        "coded/1e-8",
        "int4/0",
        "int9/64",
        "int4/64+",
        "int4/64+rank0:int6/64",
        "int4/64+rank8",
        "int4/64+rank8:int6",
        "int4/64+rank8:int6/64+rank8:int6/64",
        "int4/64 +rank8:int6/64"
      })
  void otherLabelsAreRefused(String label) {
    assertThatThrownBy(() -> QuantizationSpec.parse(label))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCorrectionTakesLargeDirectionsOutOfTheRangeOfTheCodes() {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(3);
      Tensor w =
          random
              .normal(DType.F64, 64, 96)
              .add(random.normal(DType.F64, 64, 2).matmul(random.normal(DType.F64, 2, 96)).mul(10));
      WeightedMatrix matrix = WeightedMatrix.of("a", w, Metric.identity(96));
      Factorization plain =
          MatrixQuantizer.round(new Dense(w), matrix, QuantizationSpec.parse("int3/32"));

      Factorization corrected =
          MatrixQuantizer.round(
              new Dense(w), matrix, QuantizationSpec.parse("int2/32+rank2:int8/32"));

      assertThat(corrected.form().label()).isEqualTo("dense:int2+lowrank:int8");
      assertThat(corrected.form().bytes()).isLessThan(plain.form().bytes());
      // three levels instead of seven, but within the range of the rest, a tenth
      assertThat(matrix.squaredError(corrected.matrix()))
          .isLessThan(0.1 * matrix.squaredError(plain.matrix()));
    }
  }

  @Test
  void onlyDenseMatricesAreCorrected() {
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(3);
      var pair = new LowRank(random.normal(DType.F64, 8, 4), random.normal(DType.F64, 4, 8));
      WeightedMatrix matrix = WeightedMatrix.of("a", pair.matrix(), Metric.identity(8));
      assertThatThrownBy(
              () -> MatrixQuantizer.round(pair, matrix, QuantizationSpec.parse(CORRECTED)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("only dense matrices");
    }
  }

  private Path recipe(String form) throws IOException {
    return SharedTexts.recipe(stories, folder.resolve("plan.yaml"), form, CORRECTED);
  }

  @Test
  void aRecipeOfCorrectedCodesIsFollowedWrittenAndHealed() throws IOException {
    Path output = folder.resolve("out");
    CompressionRequest request = SharedTexts.following(stories, recipe("dense"), output);

    CompressionResult result = Compression.run(request, Progress.NONE);

    assertThat(result.matrices().stream().map(MatrixEntry::form))
        .allMatch(form -> form.equals("dense:lloyd2+lowrank:int6"));
    try (var _ = new TensorScope();
        var store = TensorStore.open(output);
        var compressed = LoadedModel.open(output)) {
      long bytes = store.names().stream().mapToLong(name -> store.info(name).bytes()).sum();
      assertThat(result.bytesAfter()).isEqualTo(bytes);
      assertThat(compressed.weights().matrices().values())
          .allMatch(f -> f instanceof Sum sum && sum.correction().cores().size() == 2);
    }
    HealResult healed =
        Healing.run(
            new HealRequest(
                output,
                stories,
                SharedTexts.CALIBRATION,
                1 << 13,
                HealOptions.standard(),
                1,
                false),
            Progress.NONE);
    assertThat(healed.klAfter()).isLessThan(0.9 * healed.klBefore());
    try (var compressed = LoadedModel.open(output)) {
      assertThat(compressed.manifest().orElseThrow().matrices())
          .allMatch(entry -> entry.form().equals("dense:lloyd2+lowrank:int6"));
    }
  }

  @Test
  void aRecipeThatCorrectsANetworkIsRefused() throws IOException {
    Path recipe = recipe("lowrank");
    assertThatThrownBy(() -> Plan.read(recipe))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("plan.yaml")
        .hasMessageContaining("not of the form dense");
  }
}
