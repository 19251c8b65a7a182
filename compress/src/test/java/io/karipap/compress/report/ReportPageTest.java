package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.pipeline.Compression;
import io.karipap.compress.report.Measurements.Scores;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.model.family.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
          + " \ud83d\ude00 %s %n </pre></main> end";

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
      assertThat(browser().layout(page(), width).width()).as("%d px", width).isEqualTo(width);
    }
    browser().screenshot(page(), pictures.resolve("phone.png"), PHONE, 4000);
    browser().screenshot(page(), pictures.resolve("desk.png"), DESK, 2600);
    browser().print(page(), pictures.resolve("paper.pdf"));
    assertThat(Files.readAllBytes(pictures.resolve("paper.pdf"))).startsWith('%', 'P', 'D', 'F');
  }

  /** A page that is too wide is noticed: the test above is able to fail. */
  @Test
  void aPageThatIsTooWideIsNoticed() throws Exception {
    Path wide = folder.resolve("wide.html");
    Files.writeString(
        wide,
        Files.readString(page()).replace("<main>", "<main><div style='width: 900px'>x</div>"));
    assertThat(browser().layout(wide, PHONE).width()).isGreaterThan(PHONE);
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
      assertThat(text).contains("%,d".formatted(matrix.parameters()));
    }
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

  @Test
  void hostileTextsAreShownAndNotObeyed() throws Exception {
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
    ReportRecord record =
        new ReportRecord(
            HOSTILE,
            123,
            List.of(),
            List.of(
                Step.of(
                    HOSTILE, Optional.of(HOSTILE), List.of(HOSTILE), 1, Optional.of(measured))));
    Map<String, Long> bytes = new HashMap<>();
    manifest().matrices().forEach(matrix -> bytes.put(matrix.name(), 4 * matrix.parameters()));
    CompressionReport report =
        new CompressionReport(
            Architectures.standard().read(SharedTexts.STORIES.resolve("config.json")),
            manifest(),
            bytes,
            10,
            40,
            record,
            Optional.empty());
    Path hostile = Files.writeString(folder.resolve("hostile.html"), report.html());
    Chromium.Layout layout = browser().layout(hostile, PHONE);
    assertThat(layout.scripts()).isZero();
    assertThat(layout.width()).isEqualTo(PHONE);
    assertThat(layout.text())
        .contains("<script>document.title='run'</script> <b>&amp; \"quoted\" 'too' \ufffd")
        .contains("W".repeat(500) + " \ud83d\ude00 %s %n </pre></main> end");
    browser().screenshot(hostile, pictures.resolve("hostile.png"), PHONE, 4000);
  }
}
