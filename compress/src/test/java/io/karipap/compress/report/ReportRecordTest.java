package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.report.Measurements.Scores;
import io.karipap.compress.report.ReportRecord.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportRecordTest {

  @TempDir Path folder;

  private static Measurements measurements(double kl) {
    return new Measurements(
        "a text.txt",
        1000,
        true,
        kl,
        0.5,
        new Scores(1.5, 0.4, 100, " original\n\"text\""),
        new Scores(2.5, 0.3, 200, "</script>"),
        "Once ",
        2);
  }

  private static Step step(String action, Optional<Measurements> measured) {
    return Step.of(action, Optional.of("karipap 'a b'"), List.of("model: m"), 1.25, measured);
  }

  private static ReportRecord record(Step... steps) {
    return new ReportRecord(
        "model", 123, List.of(new GaugeTrial(List.of("values"), 5, 0.25)), List.of(steps));
  }

  @Test
  void isReadBackAsItWasWritten() throws IOException {
    ReportRecord record =
        record(
            step("made", Optional.of(measurements(0.1))),
            Step.of("changed", Optional.empty(), List.of(), 2, Optional.empty()));
    Files.writeString(folder.resolve(ReportRecord.FILE), record.toJson());
    assertThat(ReportRecord.read(folder)).isEqualTo(record);
  }

  @Test
  void everyFieldIsDocumented() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "report.md"));
    String json = record(step("made", Optional.of(measurements(0.1)))).toJson();
    List<String> fields =
        Pattern.compile("\"(\\w+)\" :").matcher(json).results().map(m -> m.group(1)).toList();
    assertThat(fields).contains("steps", "kl", "continuation");
    assertThat(fields).allSatisfy(field -> assertThat(page).contains("`" + field + "`"));
  }

  @Test
  void aDivergenceThatIsNoNumberStaysNone() throws IOException {
    ReportRecord record = record(step("made", Optional.of(measurements(Double.NaN))));
    Files.writeString(folder.resolve(ReportRecord.FILE), record.toJson());
    assertThat(ReportRecord.read(folder).lastMeasurements().orElseThrow().kl()).isNaN();
  }

  @Test
  void ofAnOlderModelNothingIsKnown() {
    assertThat(ReportRecord.read(folder).steps()).isEmpty();
    assertThat(ReportRecord.read(folder).lastMeasurements()).isEmpty();
  }

  @Test
  void aDamagedOneIsRefusedInOneLine() throws IOException {
    String json = record(step("made", Optional.of(measurements(0.1)))).toJson();
    for (String bad :
        List.of("", "[]", "{", json.replace("\"tokens\" : 1000", "\"tokens\" : -1"))) {
      Files.writeString(folder.resolve(ReportRecord.FILE), bad);
      assertThatThrownBy(() -> ReportRecord.read(folder))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(ReportRecord.FILE)
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void measurementsAreThoseOfTheModelUntilALaterStepChangesIt() {
    Step measured = step("made", Optional.of(measurements(0.1)));
    Step healed = step("healed", Optional.of(measurements(0.05)));
    Step stored = step("stored", Optional.empty());
    assertThat(record(measured).unmeasured()).isEmpty();
    assertThat(record(measured, stored).unmeasured()).containsExactly(stored);
    assertThat(record(measured, stored).lastMeasurements()).contains(measurements(0.1));
    assertThat(record(measured, stored, healed).unmeasured()).isEmpty();
    assertThat(record(measured, stored, healed).lastMeasurements()).contains(measurements(0.05));
    assertThat(record(measured).with(stored)).isEqualTo(record(measured, stored));
  }
}
