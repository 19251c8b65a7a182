package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.pipeline.Compression;
import io.karipap.compress.profile.Profile;
import io.karipap.compress.profile.ProfileRequest;
import io.karipap.compress.report.Measurements.Scores;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.model.family.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The report in a browser. Its pictures are in {@code compress/target/report} for people to look
 * at.
 */
@Tag("slow")
class ReportPageTest {

  private static final int PHONE = 390;
  private static final int DESK = 1200;

  /** What a page that does not quote would run, show in bold, or break at. */
  private static final String HOSTILE =
      "<script>document.title='run'</script> <b>&amp; \"quoted\" 'too' \u202e\u05d0\u05d1 "
          + "W".repeat(500)
          + " \ud83d\ude00 %s %n </pre></main> end\nof\u200f all";

  private static final String BEFORE = "before the change";

  @TempDir static Path folder;

  private static Path artifact = Path.of("");
  private static Path pictures = Path.of("");

  @BeforeAll
  static void compress() throws IOException {
    assumeTrue(Chromium.find(folder).isPresent(), "there is a Chromium on the PATH");
    artifact = folder.resolve("artifact");
    var _ =
        Compression.run(
            SharedTexts.request(SharedTexts.STORIES, artifact, 0.4, FactorizationKind.LOWRANK)
                .withCommand("karipap compress stories260K -o small --parameters 0.4"),
            Progress.NONE);
    pictures = Files.createDirectories(Path.of("target", "report"));
  }

  private static Chromium browser() {
    return Chromium.find(folder).orElseThrow();
  }

  private static Path page() {
    return artifact.resolve(CompressionReport.FILE);
  }

  @Test
  void fitsOnAPhoneOnADeskAndOnPaper() throws Exception {
    for (int width : new int[] {PHONE, DESK}) {
      Chromium.Layout layout = browser().layout(page(), width);
      assertThat(layout.width()).as("%d px", width).isEqualTo(width);
      assertThat(layout.cut()).as("%d px", width).isEmpty();
      assertThat(layout.complaints()).isEmpty();
    }
    browser().screenshot(page(), pictures.resolve("phone.png"), PHONE, 4000);
    browser().screenshot(page(), pictures.resolve("desk.png"), DESK, 2600);
    browser().print(page(), pictures.resolve("paper.pdf"));
    assertThat(Files.readAllBytes(pictures.resolve("paper.pdf"))).startsWith('%', 'P', 'D', 'F');
  }

  /** What is wrong with a page is noticed: the test above is able to fail. */
  @Test
  void aBrokenPageIsNoticed() throws Exception {
    Path broken = folder.resolve("broken.html");
    Files.writeString(
        broken,
        Files.readString(page())
            .replace("<main>", "<main><div style='width: 900px'><script>nothing()</script>x</div>")
            .replaceFirst("(<g>.*\\s*<text[^>]*>)[^<]*<", "$1a figure as wide as this<"));
    Chromium.Layout layout = browser().layout(broken, PHONE);
    assertThat(layout.width()).isGreaterThan(PHONE);
    assertThat(layout.scripts()).isOne();
    assertThat(layout.complaints()).hasSize(1).first().asString().contains("nothing");
    assertThat(layout.cut()).containsExactly("a figure as wide as this");
  }

  @Test
  void theProfileFitsOnAPhoneAndOnADesk() throws Exception {
    Profile profile =
        Profile.of(
            new ProfileRequest(
                SharedTexts.STORIES, SharedTexts.CALIBRATION, SiteGrid.RING, 1024, 256, 1),
            Architectures.standard(),
            Progress.NONE);
    Path maps = Files.writeString(folder.resolve("profile.html"), ProfileReport.html(profile));
    for (int width : new int[] {PHONE, DESK}) {
      Chromium.Layout layout = browser().layout(maps, width);
      assertThat(layout.width()).as("%d px", width).isEqualTo(width);
      assertThat(layout.cut()).as("%d px", width).isEmpty();
      assertThat(layout.complaints()).isEmpty();
      assertThat(layout.text()).contains(SharedTexts.STORIES.getFileName().toString());
    }
    browser().screenshot(maps, pictures.resolve("profile.png"), PHONE, 2600);
  }

  @Test
  void showsWhatIsInTheFiles() throws Exception {
    String text = browser().layout(page(), DESK).text();
    long bytes = 0;
    try (TensorStore store = TensorStore.open(artifact)) {
      for (String name : store.names()) {
        bytes += store.info(name).bytes();
      }
    }
    JsonNode step = json().get("steps").get(0);
    JsonNode measured = step.get("measurements");
    assertThat(text)
        .contains("Bytes by family", "Error by block and family", "The same prompt")
        .contains("How to repeat it", "Matrices")
        .contains("%,d".formatted(bytes))
        .contains(decimals(4, measured.get("kl")))
        .contains(percent(measured.get("agreement")))
        .contains(percent(measured.get("original").get("top1")))
        .contains(percent(measured.get("compressed").get("top1")))
        .contains(decimals(4, measured.get("compressed").get("loss")))
        .contains(step.get("command").asText())
        .contains(measured.get("prompt").asText().strip())
        .contains(measured.get("original").get("continuation").asText().strip())
        .contains(measured.get("compressed").get("continuation").asText().strip());
    for (var matrix : manifest().matrices()) {
      assertThat(text).contains(matrix.name(), "%,d".formatted(matrix.parameters()));
    }
    assertThat(text).doesNotContainIgnoringCase(BEFORE);
  }

  private static JsonNode json() throws IOException {
    return new ObjectMapper().readTree(artifact.resolve(ReportRecord.FILE).toFile());
  }

  private static String decimals(int count, JsonNode number) {
    return String.format(Locale.ROOT, "%." + count + "f", number.asDouble());
  }

  private static String percent(JsonNode share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share.asDouble());
  }

  private static ArtifactManifest manifest() {
    return Artifact.manifest(artifact).orElseThrow();
  }

  /** Rounding has no original to measure against: what was measured before it is marked. */
  @Test
  void marksWhatIsOlderThanARounding() throws Exception {
    Step rounded =
        Step.of(
            "coded as int4 " + ReportRecord.ROUNDING_ERRORS,
            Optional.empty(),
            List.of("numbers: int4"),
            1,
            Optional.empty());
    Path page =
        Files.writeString(
            folder.resolve("rounded.html"),
            report(manifest(), ReportRecord.read(artifact).with(rounded)).html());
    Chromium.Layout layout = browser().layout(page, PHONE);
    assertThat(layout.width()).isEqualTo(PHONE);
    assertThat(layout.text())
        .contains("Changed since it was measured: coded as int4.")
        .contains("Before the change, both models found")
        .contains("before the change:\nloss, nats per token")
        .contains("Measured before the change, on the last")
        .contains("Compressed, before the change")
        .contains("W is a matrix of the compressed model before its rounding");
    for (String tile : List.of("KL divergence", "Agreement", "Top-1", "Speed")) {
      assertThat(layout.text()).containsPattern(tile + "\n.*\n.*; " + BEFORE);
    }
    for (String tile : List.of("Bytes", "Parameters")) {
      assertThat(layout.text()).doesNotContainPattern(tile + "\n.*\n.*" + BEFORE);
    }
    browser().screenshot(page, pictures.resolve("rounded.png"), PHONE, 4000);
  }

  private static CompressionReport report(ArtifactManifest manifest, ReportRecord record) {
    Map<String, Long> bytes = new HashMap<>();
    manifest.matrices().forEach(matrix -> bytes.put(matrix.name(), 4 * matrix.parameters()));
    return new CompressionReport(
        Architectures.standard().read(SharedTexts.STORIES.resolve("config.json")),
        manifest,
        bytes,
        10,
        40,
        record,
        Optional.empty());
  }

  @Test
  void hostileTextsAreShownAndNotObeyed() throws Exception {
    Path page = Files.writeString(folder.resolve("hostile.html"), hostile().html());
    String shown =
        "<script>document.title='run'</script> <b>&amp; \"quoted\" 'too' \ufffd\u05d0\u05d1 "
            + "W".repeat(500)
            + " \ud83d\ude00 %s %n </pre></main> end";
    for (int width : new int[] {PHONE, DESK}) {
      Chromium.Layout layout = browser().layout(page, width);
      assertThat(layout.scripts()).isZero();
      assertThat(layout.complaints()).isEmpty();
      assertThat(layout.width()).as("%d px", width).isEqualTo(width);
      // in ten places on one line, and in five that keep lines: command, prompts, continuations
      assertThat(layout.text().split(Pattern.quote(shown + " of\u200f all"), -1)).hasSize(1 + 10);
      assertThat(layout.text().split(Pattern.quote(shown + "\nof\u200f all"), -1)).hasSize(1 + 5);
    }
    browser().screenshot(page, pictures.resolve("hostile.png"), PHONE, 4000);
  }

  /** A report whose names and texts are all hostile. */
  private static CompressionReport hostile() {
    Measurements measured =
        new Measurements(
            HOSTILE,
            1000,
            true,
            0.5,
            0.5,
            new Scores(1.5, 0.4, 100, HOSTILE),
            new Scores(2.5, 0.3, 200, HOSTILE),
            HOSTILE,
            2);
    Step step = Step.of(HOSTILE, Optional.of(HOSTILE), List.of(HOSTILE), 1, Optional.of(measured));
    List<MatrixEntry> matrices = new ArrayList<>(manifest().matrices());
    matrices.add(new MatrixEntry(HOSTILE, "lowrank", 2, 2, Map.of(HOSTILE, List.of(1)), 0.5, 4));
    ArtifactManifest manifest =
        new ArtifactManifest(
            ArtifactManifest.VERSION,
            HOSTILE,
            1,
            new CalibrationRecord(HOSTILE, 1, 1, 1, HOSTILE),
            List.of(HOSTILE),
            matrices,
            "",
            0);
    return report(
        manifest,
        new ReportRecord(
            HOSTILE, 123, List.of(new GaugeTrial(List.of(HOSTILE), 5, 0.25)), List.of(step)));
  }
}
