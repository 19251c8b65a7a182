package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.cost.CostModel;
import io.karipap.compress.cost.CountedCost;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
import io.karipap.model.io.LoadedModel;
import io.karipap.network.Dense;
import io.karipap.network.LowRank;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateDistortionAllocatorTest {

  /** The first block of a published model. */
  @TempDir private static Path stories = Path.of("");

  /** The first two: of one block, the embeddings are nearly all. */
  @TempDir private static Path two = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 1, stories);
    SharedFiles.firstBlocks(SharedFiles.STORIES, 2, two);
  }

  private CompressionRequest request(String output, Budget budget, Optional<Path> recipe) {
    return request(stories, output, budget, recipe);
  }

  private CompressionRequest request(
      Path model, String output, Budget budget, Optional<Path> recipe) {
    return new CompressionRequest(
            model,
            folder.resolve(output),
            new CalibrationText(SharedTexts.CALIBRATION, 2048),
            new AllocationSettings(
                Budget.share(CostUnit.PARAMETERS, 1), recipe, Optional.empty(), Optional.empty()),
            new FitSettings(FactorizationKind.AUTO, Optional.empty(), 3, 0),
            Optional.of(Set.of()),
            new RunSettings(0, 1, false))
        .withBudget(budget);
  }

  @Test
  @Tag("slow")
  void spendsBytesBetterThanOneFormatDoesAndItsPlanCanBeFollowed() {
    CompressionResult uniform =
        Compression.run(
            SharedTexts.request(two, folder.resolve("int3"), 1, FactorizationKind.DENSE)
                .withQuantization(QuantizationScheme.of("int3", 64)),
            Progress.NONE);
    Budget same = Budget.units(CostUnit.BYTES, (double) uniform.bytesAfter());

    CompressionResult planned =
        Compression.run(request(two, "planned", same, Optional.empty()), Progress.NONE);

    assertThat(planned.bytesAfter())
        .isLessThanOrEqualTo(uniform.bytesAfter())
        .isGreaterThan((long) (0.97 * uniform.bytesAfter()));
    assertThat(SharedTexts.divergence(two, folder.resolve("planned")))
        .isLessThan(0.8 * SharedTexts.divergence(two, folder.resolve("int3")));

    Path plan = folder.resolve("planned/plan.yaml");
    assertThat(plan).content().contains("numbers: \"");
    CompressionResult replayed =
        Compression.run(
            request(two, "replayed", Budget.share(CostUnit.PARAMETERS, 1), Optional.of(plan)),
            Progress.NONE);
    assertThat(replayed.matrices().stream().map(MatrixEntry::form))
        .isEqualTo(planned.matrices().stream().map(MatrixEntry::form).toList());
    assertThat(replayed.bytesAfter()).isLessThanOrEqualTo(uniform.bytesAfter());
    assertThat(folder.resolve("planned/report.html")).content().contains("<h2>Plans tried</h2>");
  }

  @Test
  @Tag("slow")
  void meetsABudgetOfOperationsWithNumbersCodedAsAskedFor() {
    Budget half = Budget.share(CostUnit.OPERATIONS, 0.5);

    CompressionResult result =
        Compression.run(
            request("half", half, Optional.empty())
                .withQuantization(QuantizationScheme.of("int8", 64)),
            Progress.NONE);

    assertThat(result.matrices()).allMatch(m -> m.form().matches("(dense|lowrank):int8"));
    try (var _ = new TensorScope();
        var model = LoadedModel.open(folder.resolve("half"));
        var original = LoadedModel.open(stories)) {
      long before = operations(original);
      assertThat(operations(model)).isBetween(before * 45 / 100, before / 2);
    }
  }

  /** Multiplications of all products of a token; a tied table multiplies once, as the head. */
  private static long operations(LoadedModel model) {
    return model.weights().matrices().values().stream()
        .map(f -> f instanceof Quantized coded ? coded.dequantized() : f)
        .mapToLong(f -> f instanceof LowRank pair ? pair.parameters() : f.elements())
        .sum();
  }

  @Test
  void costsAreThoseOfHandWorkedCases() {
    try (var _ = new TensorScope()) {
      var pair = new LowRank(Tensor.zeros(DType.F32, 100, 3), Tensor.zeros(DType.F32, 3, 10));
      var coded = RoundToNearest.quantize(pair, QuantizationScheme.of("int4", 64));
      var table = MatrixSpec.of("table", Role.EMBED, -1, Space.tokens(100), stream(10));
      var matrix = MatrixSpec.of("up", Role.UP, 0, stream(10), Space.neurons(0, 100));

      assertThat(cost(CostUnit.PARAMETERS, true).of(matrix, pair)).isEqualTo(330);
      assertThat(cost(CostUnit.BYTES, true).of(matrix, pair)).isEqualTo(1320);
      // 300 and 30 codes of 4 bits, and scales of 2 bytes for five groups and one
      assertThat(cost(CostUnit.BYTES, true).of(matrix, coded)).isEqualTo(150 + 10 + 15 + 2);
      assertThat(cost(CostUnit.OPERATIONS, true).of(matrix, coded)).isEqualTo(330);
      assertThat(cost(CostUnit.READS, true).of(matrix, pair)).isEqualTo(1320);
      // a lookup reads three numbers of one row and the right factor
      assertThat(cost(CostUnit.READS, false).of(table, pair)).isEqualTo(4 * 33);
      assertThat(cost(CostUnit.READS, true).of(table, pair)).isEqualTo(1320);
      assertThat(cost(CostUnit.OPERATIONS, false).of(table, pair)).isEqualTo(33);
      // with a correction, a row of ten numbers besides
      var sum = new Sum(new Dense(Tensor.zeros(DType.F32, 100, 10)), pair);
      assertThat(cost(CostUnit.READS, false).of(table, sum)).isEqualTo(4 * 10 + 4 * 33);
    }
  }

  @Test
  @Tag("slow")
  void timesAreMeasuredAndABudgetOfThemIsKept() {
    try (var _ = new TensorScope();
        var model =
            LoadedModel.open(
                SharedFiles.firstBlocks(SharedFiles.TINY1M, 1, folder.resolve("wide")))) {
      CostModel price = CostModel.of(CostUnit.TIME, model.architecture(), model.weights());
      MatrixSpec table = model.architecture().matrices().getFirst();
      MatrixSpec up = model.architecture().only(Role.UP, 0);
      var dense = model.weights().matrix(up.name());
      var coded = RoundToNearest.quantize(dense, QuantizationScheme.of("int4", 64));

      assertThat(price.fixed()).isNotNegative();
      assertThat(price.of(table, model.weights().matrix(table.name()))).isZero();
      assertThat(price.of(up, dense)).isPositive().isEqualTo(price.of(up, coded));
      // 0.1 and 0.2 of 352 * 128 / 480 are measured: times in between lie on one line
      long lower = price.of(up, pair(up, 9));
      long upper = price.of(up, pair(up, 18));
      for (int rank = 10; rank < 18; rank++) {
        double line = lower + (upper - lower) * (rank - 9) / 9.0;
        assertThat((double) price.of(up, pair(up, rank))).isCloseTo(line, within(1.0));
      }
      // beyond the largest rank that is measured the time stays what it is there
      assertThat(price.of(up, pair(up, 300))).isEqualTo(price.of(up, pair(up, 128)));
    }
    CompressionResult all =
        Compression.run(
            request("all", Budget.share(CostUnit.TIME, 1), Optional.empty()), Progress.NONE);
    assertThat(SharedTexts.divergence(stories, folder.resolve("all"))).isLessThan(1e-6);
    assertThat(all.parametersAfter()).isLessThanOrEqualTo(all.parametersBefore());
    assertThatThrownBy(() ->
            Compression.run(
                request("none", Budget.units(CostUnit.TIME, 1), Optional.empty()), Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
  }

  private static LowRank pair(MatrixSpec name, int rank) {
    return new LowRank(
        Tensor.zeros(DType.F32, name.rows(), rank), Tensor.zeros(DType.F32, rank, name.columns()));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Budget.share(CostUnit.BYTES, 1.5))
        .hasMessageContaining("share of bytes");
    assertThatThrownBy(() -> Budget.units(CostUnit.BYTES, 0)).hasMessageContaining("positive");
    assertThatThrownBy(() ->
            Compression.run(
                request("tiny", Budget.units(CostUnit.BYTES, 2_000), Optional.empty()),
                Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
    assertThat(Files.exists(folder.resolve("tiny"))).isFalse();
  }

  private static Space stream(int width) {
    return Space.residual(width, Space.Freedom.ROTATION);
  }

  private static CostModel cost(CostUnit unit, boolean tied) {
    return new CountedCost(unit, 0, tied);
  }
}
