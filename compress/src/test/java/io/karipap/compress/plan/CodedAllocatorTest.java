package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.Karipap;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.Plan;
import io.karipap.compress.SharedTexts;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entropy-coded compressions of the first two blocks of a published model. */
class CodedAllocatorTest {

  private static final double SHARE = 0.08;

  @TempDir private static Path shared = Path.of("");

  private static Path two = Path.of("");
  private static Path coded = Path.of("");
  private static CompressionResult result =
      new CompressionResult(0, 0, 0, 0, 0, 0, List.of(), List.of(), List.of());

  @BeforeAll
  static void compress() throws IOException {
    two = Files.createDirectory(shared.resolve("two"));
    SharedFiles.firstBlocks(SharedFiles.STORIES, 2, two);
    coded = shared.resolve("coded");
    result =
        Karipap.compress(two)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(4096)
            .memory(SHARE)
            .quantize("coded")
            .seed(1)
            .to(coded);
  }

  private static double divergence(Path model) {
    return SharedTexts.divergence(two, model);
  }

  @Test
  void theBytesAreThoseOfTheBudget() {
    assertThat(result.memoryRatio()).isBetween(SHARE - 0.002, SHARE);
    long stored = 0;
    try (var store = TensorStore.open(coded.resolve("model.safetensors"))) {
      stored = store.names().stream().mapToLong(name -> store.data(name).byteSize()).sum();
    }
    assertThat(stored).isEqualTo(result.bytesAfter());
    assertThat(result.matrices()).extracting(MatrixEntry::form).containsOnly("dense:coded");
  }

  /**
   * Two bits in groups of 64 take 7.2 % of float32 and what is not a matrix: fewer bytes lose less.
   */
  @Test
  void fewerBytesLoseLessThanTwoBitsForEveryNumber() throws Exception {
    Path plain = shared.resolve("plain");
    CompressionResult quantized =
        Karipap.compress(two)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(4096)
            .recipe(SharedTexts.recipe(two, shared.resolve("plan.yaml"), "dense", "lloyd2/64"))
            .gauge(Set.of())
            .seed(1)
            .to(plain);
    assertThat(quantized.memoryRatio()).isGreaterThan(result.memoryRatio() - 0.01);
    assertThat(divergence(coded)).isLessThan(0.7 * divergence(plain));
  }

  /** The plan says every matrix's loss, and a run that follows it codes to nearly the same size. */
  @Test
  void theRecipeRepeatsIt() {
    Plan plan = Plan.read(coded.resolve("plan.yaml"));
    assertThat(plan.matrices()).allMatch(entry -> entry.numbers().startsWith("coded/"));
    CompressionResult again =
        Karipap.compress(two)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(4096)
            .recipe(coded.resolve("plan.yaml"))
            .gauge(Set.of())
            .seed(1)
            .to(shared.resolve("again"));
    // of a run that plans, the end of the text is held out
    assertThat(again.memoryRatio()).isCloseTo(SHARE, within(0.05 * SHARE));
  }

  /** Scales and gains alone are trained, so that not a byte is added. */
  @Test
  void healingKeepsEveryInteger() throws Exception {
    Path healed = shared.resolve("healed");
    SharedFiles.copy(coded, healed);
    Karipap.heal(healed)
        .teacher(two)
        .text(SharedTexts.CALIBRATION)
        .tokens(20_000)
        .learningRate(1e-3)
        .run();
    assertThat(Files.size(healed.resolve("model.safetensors")))
        .isEqualTo(Files.size(coded.resolve("model.safetensors")));
    try (var before = TensorStore.open(coded.resolve("model.safetensors"));
        var after = TensorStore.open(healed.resolve("model.safetensors"))) {
      for (String name : before.names()) {
        if (name.endsWith(".integers")) {
          assertThat(after.data(name).mismatch(before.data(name))).isEqualTo(-1);
        }
      }
    }
    assertThat(divergence(healed)).isLessThan(divergence(coded));
  }

  /** With so many bytes that integers would not be bytes any more, the model is not spoilt. */
  @Test
  void moreBytesThanIntegersCanTakeLoseNothing() {
    Path large = shared.resolve("large");
    CompressionResult spent =
        Karipap.compress(two)
            .calibration(SharedTexts.CALIBRATION)
            .calibrationTokens(2048)
            .memory(0.6)
            .quantize("coded")
            .to(large);
    assertThat(spent.memoryRatio()).isLessThan(0.6);
    assertThat(divergence(large)).isLessThan(5e-3);
  }

  @Test
  void itNeedsABudgetOfBytes() {
    assertThatThrownBy(() ->
            Karipap.compress(two)
                .calibration(SharedTexts.CALIBRATION)
                .parameters(0.3)
                .quantize("coded")
                .to(shared.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give `memory` or `bytes`");
    assertThatThrownBy(() ->
            Karipap.compress(two)
                .calibration(SharedTexts.CALIBRATION)
                .calibrationTokens(1024)
                .bytes(6000)
                .quantize("coded")
                .to(shared.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too small");
    assertThat(shared.resolve("none")).doesNotExist();
  }
}
