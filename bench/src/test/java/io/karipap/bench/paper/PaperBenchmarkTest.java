package io.karipap.bench.paper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.model.io.LoadedModel;
import io.karipap.testing.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperBenchmarkTest {

  /** The first block of a published model. */
  @TempDir private static Path stories = Path.of("");

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path text = Path.of("");

  @BeforeAll
  static void takeBlock() {
    SharedFiles.firstBlocks(SharedFiles.STORIES, 1, stories);
  }

  @BeforeEach
  void writeText() throws Exception {
    text = folder.resolve("text.txt");
    String stories = Files.readString(SharedFiles.CALIBRATION);
    Files.writeString(text, stories.substring(0, 12_000));
  }

  @Test
  void wrongCallsAreOneLine() throws Exception {
    assertRefused("--shares must be", "--shares", "1.5");
    assertRefused("--budgets must be", "--budgets", "7");
    assertRefused("--rows is no regular expression", "--rows", "(");
    assertRefused("no row has a name like", "--rows", "nothing-of-the-kind");
    assertRefused("--heal-text needs", "--heal-text", text.toString());
    assertRefused("--limit is for --tasks", "--limit", "3");
    assertRefused("--heal must not", "--heal", "-1");
    assertRefused("Unknown option", "--frobnicate");
    Files.writeString(Files.createDirectory(folder.resolve("table")).resolve("thesis.txt"), "");
    assertRefused("holds something else");
  }

  @Test
  void aMissingOptionIsOneLine() {
    assertThat(run(stories.toString(), "-o", folder.resolve("table").toString())).isEqualTo(2);
    assertThat(errors()).startsWith("karipap: Missing required option").hasLineCount(1);
  }

  @Test
  void badInputsFailAndLeaveNothing() {
    assertThat(call("--tasks", folder.resolve("none.jsonl").toString())).isEqualTo(1);
    assertThat(errors()).startsWith("karipap: ").contains("none.jsonl").hasLineCount(1);
    assertThat(folder.resolve("table")).doesNotExist();
  }

  @Test
  void rowsHaveNamesOfTheirOwn() {
    List<Row> rows = Row.all(List.of(0.25, 0.3), List.of(0.07, 0.075), true);
    assertThat(rows.stream().map(row -> row.recipe().slug()))
        .doesNotHaveDuplicates()
        .contains(
            "original",
            "dense-f16",
            "gptq-uint4-healed",
            "flow-25-healed-int8",
            "planner-7-healed");
    assertThat(rows.stream().map(Row::label)).doesNotHaveDuplicates();
    assertThat(Row.all(List.of(0.3), List.of(0.07), false)).noneMatch(row -> row.recipe().healed());
  }

  @Tag("slow")
  @Test
  void finishedRowsAreKeptAndInterruptedOnesGoOn() throws Exception {
    assertThat(call("--rows", "^(gptq-int8|lowrank-50-f16|wanda.*)$")).as(errors()).isZero();
    List<JsonNode> rows = rows();
    assertThat(rows).hasSize(4); // the original, too
    long parameters = rows.get(0).path("parameters").longValue();
    assertThat(rows.get(0).path("bytes").longValue()).isEqualTo(4 * parameters);
    for (JsonNode row : rows) {
      try (var model = LoadedModel.open(artifact(row))) {
        assertThat(row.path("parameters").longValue()).isEqualTo(model.weights().parameters());
      }
      // the file of the original has the blocks that were left out, too
      if (!row.path("slug").textValue().equals("original")) {
        long file = Files.size(artifact(row).resolve("model.safetensors"));
        // the file has a header besides
        assertThat(row.path("bytes").longValue()).isLessThanOrEqualTo(file).isGreaterThan(file / 2);
      }
    }
    JsonNode eight = named(rows, "gptq-int8").path("texts").path(0);
    assertThat(eight.path("kl").doubleValue()).isBetween(0.0, 0.01);
    JsonNode half = named(rows, "lowrank-50-f16");
    assertThat(half.path("memory_ratio").doubleValue()).isBetween(0.2, 0.26);
    assertThat(half.path("texts").path(0).path("kl").doubleValue()).isGreaterThan(0.1);

    // finished rows are taken as they are; what was killed is made again
    Path kept = folder.resolve("table/rows/gptq-int8.json");
    var before = Files.getLastModifiedTime(kept);
    Files.delete(folder.resolve("table/rows/lowrank-50-f16.json"));
    Files.delete(folder.resolve("table/rows/lowrank-50-f16.made"));
    String half16 = half.path("texts").toString();
    assertThat(call("--rows", "^(gptq-int8|lowrank-50-f16|wanda.*)$")).as(errors()).isZero();
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(before);
    assertThat(named(rows(), "lowrank-50-f16").path("texts")).hasToString(half16);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("## Summary");
    assertThat(folder.resolve("table/pareto.svg")).isNotEmptyFile();
  }

  private Path artifact(JsonNode row) {
    String slug = row.path("slug").textValue();
    return slug.equals("original") ? stories : folder.resolve("table/rows").resolve(slug);
  }

  private List<JsonNode> rows() throws Exception {
    JsonNode json =
        new ObjectMapper().readTree(Files.readString(folder.resolve("table/table.json")));
    List<JsonNode> rows = new ArrayList<>();
    json.path("rows").forEach(rows::add);
    return rows;
  }

  private static JsonNode named(List<JsonNode> rows, String slug) {
    return rows.stream()
        .filter(row -> row.path("slug").textValue().equals(slug))
        .findFirst()
        .orElseThrow();
  }

  private void assertRefused(String message, String... further) {
    assertThat(call(further)).isEqualTo(2);
    assertThat(errors()).startsWith("karipap: ").contains(message).hasLineCount(1);
  }

  private int call(String... further) {
    List<String> words =
        new ArrayList<>(
            List.of(
                stories.toString(),
                "--calibration",
                text.toString(),
                "--text",
                text.toString(),
                "--other",
                text.toString(),
                "--text-tokens",
                "1024",
                "--calibration-tokens",
                "1024",
                "--iterations",
                "5",
                "-o",
                folder.resolve("table").toString()));
    if (!List.of(further).contains("--shares")) {
      words.addAll(List.of("--shares", "0.5"));
    }
    words.addAll(List.of(further));
    return run(words.toArray(String[]::new));
  }

  private int run(String... words) {
    out.reset();
    err.reset();
    return PaperBenchmark.run(
        List.of(words),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8).strip();
  }
}
