package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.MatrixEntry;
import io.karipap.model.Decoder;
import io.karipap.model.Documents;
import io.karipap.model.Evaluation;
import io.karipap.model.LoadedModel;
import io.karipap.model.MatrixName;
import io.karipap.model.Windows;
import io.karipap.network.Dense;
import io.karipap.network.LowRank;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.quantise.RoundToNearest;
import io.karipap.network.quantise.Scheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTest {

  @TempDir Path folder;

  private CompressionRequest request(String output, Budget budget, Optional<Path> recipe) {
    return new CompressionRequest(
            Shared.STORIES,
            folder.resolve(output),
            Shared.CALIBRATION,
            1,
            Form.AUTO,
            Optional.empty(),
            recipe,
            4096,
            3,
            0,
            1,
            false)
        .withBudget(budget);
  }

  private double divergence(Path model) {
    try (var _ = new TensorScope();
        var compressed = LoadedModel.open(model);
        var original = LoadedModel.open(Shared.STORIES)) {
      var ids = Documents.read(Shared.data("tinystories/valid.txt")).encode(original.tokenizer());
      return Evaluation.of(
              new Decoder(compressed.config(), compressed.weights().rebuilt()),
              Optional.of(new Decoder(original.config(), original.weights())),
              ids,
              Windows.spread(Windows.cut(ids, original.config().contextLength()), 8192),
              1,
              _ -> {})
          .comparison()
          .orElseThrow()
          .kl();
    }
  }

  @Test
  @Tag("slow")
  void spendsBytesBetterThanOneFormatDoesAndItsPlanCanBeFollowed() {
    CompressionResult uniform =
        Compression.run(
            Shared.request(Shared.STORIES, folder.resolve("int3"), 1, Form.DENSE)
                .withQuantise(Scheme.of("int3", 64)),
            Progress.NONE);
    Budget same = Budget.units(Currency.BYTES, (double) uniform.bytesAfter());

    CompressionResult planned =
        Compression.run(request("planned", same, Optional.empty()), Progress.NONE);

    assertThat(planned.bytesAfter())
        .isLessThanOrEqualTo(uniform.bytesAfter())
        .isGreaterThan((long) (0.97 * uniform.bytesAfter()));
    assertThat(divergence(folder.resolve("planned")))
        .isLessThan(0.8 * divergence(folder.resolve("int3")));

    Path plan = folder.resolve("planned/plan.yaml");
    assertThat(plan).content().contains("numbers: \"");
    CompressionResult replayed =
        Compression.run(
            request("replayed", Budget.share(Currency.PARAMETERS, 1), Optional.of(plan)),
            Progress.NONE);
    assertThat(replayed.matrices().stream().map(MatrixEntry::form))
        .isEqualTo(planned.matrices().stream().map(MatrixEntry::form).toList());
    assertThat(replayed.bytesAfter()).isLessThanOrEqualTo(uniform.bytesAfter());
    assertThat(folder.resolve("planned/report.html")).content().contains("<h2>Plan</h2>");
  }

  @Test
  @Tag("slow")
  void meetsABudgetOfOperationsWithNumbersCodedAsAskedFor() {
    Budget half = Budget.share(Currency.OPERATIONS, 0.5);

    CompressionResult result =
        Compression.run(
            request("half", half, Optional.empty()).withQuantise(Scheme.of("int8", 64)),
            Progress.NONE);

    assertThat(result.matrices()).allMatch(m -> m.form().matches("(dense|lowrank):int8"));
    try (var _ = new TensorScope();
        var model = LoadedModel.open(folder.resolve("half"));
        var original = LoadedModel.open(Shared.STORIES)) {
      long before = operations(original);
      assertThat(operations(model)).isBetween(before * 45 / 100, before / 2);
    }
  }

  /** Multiplications of all products of a token; a tied table multiplies once, as the head. */
  private static long operations(LoadedModel model) {
    return model.weights().matrices().values().stream()
        .map(f -> f instanceof Quantized coded ? coded.dequantised() : f)
        .mapToLong(f -> f instanceof LowRank pair ? pair.parameters() : f.elements())
        .sum();
  }

  @Test
  void costsAreThoseOfHandWorkedCases() {
    try (var _ = new TensorScope()) {
      var pair = new LowRank(Tensor.zeros(DType.F32, 100, 3), Tensor.zeros(DType.F32, 3, 10));
      var coded = RoundToNearest.quantise(pair, Scheme.of("int4", 64));
      var table = new MatrixName(Decoder.EMBEDDINGS, "embed_tokens", -1, 100, 10);
      var matrix = new MatrixName("model.layers.0.mlp.up_proj", "up_proj", 0, 100, 10);

      assertThat(Currency.PARAMETERS.count(matrix, true, pair)).isEqualTo(330);
      assertThat(Currency.BYTES.count(matrix, true, pair)).isEqualTo(1320);
      // 300 and 30 codes of 4 bits, and scales of 2 bytes for five groups and one
      assertThat(Currency.BYTES.count(matrix, true, coded)).isEqualTo(150 + 10 + 15 + 2);
      assertThat(Currency.OPERATIONS.count(matrix, true, coded)).isEqualTo(330);
      assertThat(Currency.READS.count(matrix, true, pair)).isEqualTo(1320);
      // a lookup reads three numbers of one row and the right factor
      assertThat(Currency.READS.count(table, false, pair)).isEqualTo(4 * 33);
      assertThat(Currency.READS.count(table, true, pair)).isEqualTo(1320);
      assertThat(Currency.OPERATIONS.count(table, false, pair)).isEqualTo(33);
      // with a correction, a row of ten numbers besides
      var sum = new Sum(new Dense(Tensor.zeros(DType.F32, 100, 10)), pair);
      assertThat(Currency.READS.count(table, false, sum)).isEqualTo(4 * 10 + 4 * 33);
    }
  }

  @Test
  @Tag("slow")
  void timesAreMeasuredAndABudgetOfThemIsKept() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(Shared.TINY1M)) {
      Price price = Currency.TIME.price(model.config(), model.weights());
      MatrixName table = MatrixName.all(model.config()).getFirst();
      MatrixName up = new MatrixName("model.layers.0.mlp.up_proj", "up_proj", 0, 352, 128);
      var dense = model.weights().matrix(up.name());
      var coded = RoundToNearest.quantise(dense, Scheme.of("int4", 64));

      assertThat(price.fixed()).isNotNegative();
      assertThat(price.of(table, model.weights().matrix(table.name()))).isZero();
      assertThat(price.of(up, dense)).isPositive().isEqualTo(price.of(up, coded));
      // times of ranks that were not measured lie between those of the nearest that were
      long lower = price.of(up, pair(up, 9)); // 0.1 and 0.2 of 352 * 128 / 480
      long upper = price.of(up, pair(up, 18));
      assertThat(price.of(up, pair(up, 13)))
          .isBetween(Math.min(lower, upper), Math.max(lower, upper));
    }
    CompressionResult all =
        Compression.run(
            request("all", Budget.share(Currency.TIME, 1), Optional.empty()), Progress.NONE);
    assertThat(divergence(folder.resolve("all"))).isLessThan(1e-6);
    assertThat(all.parametersAfter()).isLessThanOrEqualTo(all.parametersBefore());
    assertThatThrownBy(() ->
            Compression.run(
                request("none", Budget.units(Currency.TIME, 1), Optional.empty()), Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
  }

  private static LowRank pair(MatrixName name, int rank) {
    return new LowRank(
        Tensor.zeros(DType.F32, name.rows(), rank), Tensor.zeros(DType.F32, rank, name.columns()));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Budget.share(Currency.BYTES, 1.5))
        .hasMessageContaining("share of bytes");
    assertThatThrownBy(() -> Budget.units(Currency.BYTES, 0)).hasMessageContaining("positive");
    assertThatThrownBy(() ->
            Compression.run(
                request("tiny", Budget.units(Currency.BYTES, 2_000), Optional.empty()),
                Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
    assertThat(Files.exists(folder.resolve("tiny"))).isFalse();
  }
}
