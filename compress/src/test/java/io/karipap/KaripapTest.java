package io.karipap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.GaugeResult;
import io.karipap.compress.HealResult;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.profile.Profile;
import io.karipap.model.gauge.Symmetry;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The builders, each run once on the first block of the smallest model. */
class KaripapTest {

  @TempDir private static Path folder;
  @TempDir private static Path model;
  private static CompressionResult result;

  @BeforeAll
  static void compress() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 1, model);
    result = small().parameters(0.5).to(folder.resolve("small"));
  }

  private static CompressionBuilder small() {
    return Karipap.compress(model)
        .calibration(SharedTexts.CALIBRATION)
        .calibrationTokens(1024)
        .form(FactorizationKind.LOWRANK)
        .gauge(Set.of())
        .seed(1);
  }

  @Test
  void whatTheBuilderSaysIsWhatTheRequestSays() throws IOException {
    Path output = folder.resolve("request");
    var request = SharedTexts.request(model, output, 0.5, FactorizationKind.LOWRANK);
    var _ = Karipap.compress(request, Progress.NONE);
    Path built = folder.resolve("built");
    CompressionResult same = small().parameters(0.5).calibrationTokens(4096).to(built);
    assertThat(same.parameterRatio()).isCloseTo(0.5, within(0.02));
    assertThat(Files.mismatch(tensors(built), tensors(output))).isEqualTo(-1);
  }

  private static Path tensors(Path artifact) {
    return artifact.resolve("model.safetensors");
  }

  @Test
  void healingLowersTheDivergence() throws IOException {
    Path healed = folder.resolve("healed");
    var _ = small().parameters(0.5).to(healed);
    HealResult healing =
        Karipap.heal(healed).teacher(model).text(SharedTexts.CALIBRATION).tokens(4096).run();
    assertThat(healing.klAfter()).isLessThan(healing.klBefore());
    assertThat(Files.mismatch(tensors(healed), tensors(folder.resolve("small")))).isNotEqualTo(-1);
  }

  @Test
  void quantizationTakesFewerBytesAndTheModelStillRuns() throws IOException {
    Path half = folder.resolve("half");
    Karipap.quantize(folder.resolve("small")).format("float16").to(half);
    Path codes = folder.resolve("int8");
    Karipap.quantize(folder.resolve("small"))
        .format("int8")
        .calibration(SharedTexts.CALIBRATION)
        .calibrationTokens(1024)
        .to(codes);
    assertThat(Files.size(tensors(half))).isLessThan(Files.size(tensors(folder.resolve("small"))));
    assertThat(Files.size(tensors(codes))).isLessThan(Files.size(tensors(half)));
    String text = "Once upon a time there was a little girl who had a red ball.";
    try (LanguageModel small = LanguageModel.open(folder.resolve("small"));
        LanguageModel quantized = LanguageModel.open(codes)) {
      assertThat(small.parameters()).isEqualTo(result.parametersAfter());
      assertThat(quantized.loss(text)).isCloseTo(small.loss(text), within(0.1));
    }
  }

  @Test
  void aProfileCoversEveryMatrixOfTheBlocks() {
    Profile profile =
        Karipap.profile(model)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(1024)
            .tokens(256)
            .run();
    assertThat(profile.matrices()).hasSize(7);
    assertThat(Karipap.html(profile)).contains("<h1>" + model.getFileName() + "</h1>");
  }

  @Test
  void aModelInAnotherBasisPredictsTheSame() {
    Path gauged = folder.resolve("gauged");
    GaugeResult written =
        Karipap.gauge(model)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(1024)
            .symmetries(Set.of(Symmetry.VALUES, Symmetry.NEURONS))
            .to(gauged);
    assertThat(written.untied()).isFalse();
    String text = "Tom and Lily went to the park.";
    try (LanguageModel original = LanguageModel.open(model);
        LanguageModel other = LanguageModel.open(gauged)) {
      assertThat(other.loss(text)).isCloseTo(original.loss(text), within(1e-4));
    }
  }

  @Test
  void wrongCallsNameTheParameter() {
    Path output = folder.resolve("never");
    refused(() -> small().to(output), "the size is given by exactly one of `parameters`, `memory`");
    refused(() -> small().parameters(0.3).memory(0.1), "exactly one of");
    refused(
        () -> small().parameters(0.3).recipe(Path.of("plan.yaml")).to(output), "exactly one of");
    refused(() -> small().memory(7), "`memory` must be above 0 and at most 1, not 7.0");
    refused(() -> small().bytes(0), "`bytes` must be at least 1, not 0");
    refused(() -> small().maxKl(0), "`maxKl` must be positive, not 0.0");
    refused(() -> small().memory(0.1).maxKl(1).to(output), "`maxKl` is for a share of parameters");
    refused(() -> small().group(0), "`group` must be 1 to 1024, not 0");
    refused(() -> small().quantize("int9"), "int9");
    refused(
        () -> Karipap.compress(model).parameters(0.3).to(output),
        "`calibration` is missing: give a UTF-8 text file");
    refused(
        () -> small().grid(new SiteGrid(2, 2)).parameters(0.3).flow().to(output),
        "choose forms and sizes themselves");
    refused(() -> Karipap.heal(output).run(), "`tokens` is missing");
    refused(() -> Karipap.heal(output).tokens(5).run(), "give `text` or `sample`");
    refused(() -> Karipap.heal(output).tokens(5).sample(9).run(), "`teacher` is missing");
    refused(() -> Karipap.profile(output).run(), "`calibration` is missing");
    refused(() -> Karipap.quantize(output).to(output), "`format` is missing: give one of float16");
    refused(() -> Karipap.gauge(output).symmetries(Set.of()), "`symmetries` must not be empty");
    assertThat(output).doesNotExist();
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
