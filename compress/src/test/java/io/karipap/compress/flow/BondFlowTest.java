package io.karipap.compress.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.DyingProgress;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.io.LoadedModel;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BondFlowTest {

  /** The first two blocks of a published model. */
  @TempDir private static Path model = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void takeBlocks() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 2, model);
  }

  private CompressionRequest request(String output, double share, double maxKl, boolean resume) {
    return new CompressionRequest(
            model,
            folder.resolve(output),
            new CalibrationText(SharedTexts.CALIBRATION, 1024),
            AllocationSettings.uniform(share),
            new FitSettings(FactorizationKind.AUTO, Optional.empty(), 3, 0),
            Optional.of(Set.of()),
            new RunSettings(0, 1, resume))
        .withFlow(new BondFlowSettings(maxKl));
  }

  private JsonNode trace(String output) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(output).resolve("flow.json").toFile());
  }

  @Test
  @Tag("slow")
  void meetsTheTargetFromBelowAndResumesToTheSameBytes() throws IOException {
    CompressionRequest whole = request("whole", 0.7, Double.POSITIVE_INFINITY, false);

    CompressionResult result = Compression.run(whole, Progress.NONE);

    assertThat(result.parameterRatio()).isBetween(0.693, 0.7);
    JsonNode steps = trace("whole").get("steps");
    long before = result.parametersBefore();
    for (JsonNode step : steps) {
      assertThat(step.get("modelParameters").asLong()).isLessThan(before);
      before = step.get("modelParameters").asLong();
    }
    assertThat(trace("whole").get("divergences")).isNotEmpty();
    assertThat(Files.readString(folder.resolve("whole").resolve("report.html"))).contains("<svg");
    try (var _ = new TensorScope();
        var compressed = LoadedModel.open(folder.resolve("whole"))) {
      assertThat(compressed.weights().parameters()).isEqualTo(result.parametersAfter());
    }

    for (String stage : java.util.List.of("first networks", "fitting")) {
      assertThatThrownBy(() ->
              Compression.run(
                  request(stage, 0.7, Double.POSITIVE_INFINITY, false),
                  new DyingProgress(stage, 9)))
          .hasMessageContaining("killed");
      Compression.run(request(stage, 0.7, Double.POSITIVE_INFINITY, true), Progress.NONE);
      assertThat(SharedFiles.contents(folder.resolve(stage)))
          .isEqualTo(SharedFiles.contents(whole.output()));
    }
  }

  @Test
  @Tag("slow")
  void stopsBeforeTheDivergenceExceedsItsBound() throws IOException {
    Compression.run(request("bounded", 0.5, 0.1, false), Progress.NONE);

    JsonNode steps = trace("bounded").get("steps");
    long end = steps.get(steps.size() - 1).get("modelParameters").asLong();
    double there = Double.NaN;
    boolean exceeded = false;
    for (JsonNode divergence : trace("bounded").get("divergences")) {
      if (divergence.get("modelParameters").asLong() == end) {
        there = divergence.get("kl").asDouble();
      }
      exceeded |= divergence.get("kl").asDouble() > 0.1;
    }
    assertThat(there).isLessThanOrEqualTo(0.1);
    assertThat(exceeded).isTrue();
  }

  @Test
  void refusesAFormOfItsOwn() {
    CompressionRequest ring =
        SharedTexts.request(
            SharedTexts.STORIES, folder.resolve("out"), 0.5, FactorizationKind.RING);
    assertThatThrownBy(() -> ring.withFlow(BondFlowSettings.unbounded()))
        .hasMessageContaining("choose forms");
    assertThatThrownBy(() -> new BondFlowSettings(0)).hasMessageContaining("positive");
  }
}
