package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real model is profiled. */
class ProfileCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void writeText() throws IOException {
    String stories = Files.readString(SharedFiles.CALIBRATION);
    text = Files.writeString(folder.resolve("text.txt"), stories.substring(0, 12_000));
    output = folder.resolve("profile.json");
  }

  private Call profile(Object... more) {
    Object[] start = {"profile", MODEL, "--calibration", text, "--threads", 1};
    return Call.of(Stream.of(start, more).flatMap(Stream::of).toArray());
  }

  private Call small(Object... more) {
    Object[] sizes = {"-o", output, "--tokens", 300, "--grid", "1x2", "--calibration-tokens", 1024};
    return profile(Stream.of(sizes, more).flatMap(Stream::of).toArray());
  }

  @Test
  void theFileHoldsWhatIsPrinted() throws IOException {
    Call call = small("--seed", 5, "--json");
    assertThat(call.status()).as(call.err()).isZero();
    JsonNode json = call.json();
    assertThat(new JsonMapper().readTree(output.toFile())).isEqualTo(json);
    assertThat(json.path("grid").asText()).isEqualTo("1x2");
    assertThat(json.path("seed").asLong()).isEqualTo(5);
    assertThat(json.path("calibration_tokens").asLong()).isPositive();
    assertThat(json.path("tokens").asLong()).isPositive();
    assertThat(json.path("rank_correlation").asDouble()).isBetween(0.0, 1.0);
    assertThat(json.path("matrices")).hasSize(5 * 7);
    for (JsonNode m : json.path("matrices")) {
      double elements = m.path("rows").asDouble() * m.path("columns").asDouble();
      double rank = m.path("rank_for_squared_error").asDouble();
      assertThat(m.path("share_for_squared_error").asDouble())
          .isCloseTo(
              rank * (m.path("rows").asDouble() + m.path("columns").asDouble()) / elements,
              within(1e-12));
      assertThat(m.path("sensitivity").path("measured").asDouble()).isPositive();
      assertThat(m.path("sensitivity").path("estimated").asDouble()).isPositive();
      assertThat(m.path("sensitivity").path("scale").asDouble()).isPositive();
      assertThat(product(m.path("lattice").path("outputs")))
          .isGreaterThanOrEqualTo(m.path("rows").asInt());
      for (String metric : new String[] {"plain", "metric"}) {
        assertThat(m.path(metric))
            .extracting(cut -> cut.path("cut").asText())
            .containsExactly("rows|columns", "columns 1|2");
        for (JsonNode cut : m.path(metric)) {
          assertThat(Math.exp(cut.path("entropy").asDouble()))
              .isCloseTo(cut.path("effective_rank").asDouble(), within(1e-9));
          assertThat(cut.path("spectrum").size()).isBetween(1, 64);
        }
      }
    }
    assertThat(folder.resolve("profile.html"))
        .content()
        .contains("q_proj")
        .doesNotContain("<script");
  }

  private static int product(JsonNode sizes) {
    int product = 1;
    for (JsonNode size : sizes) {
      product *= size.asInt();
    }
    return product;
  }

  @Test
  void peopleGetTablesByMatrixFamilyAndBlock() {
    Path model = SharedFiles.firstBlocks(MODEL, 2, folder.resolve("model"));
    Call call =
        Call.of(
            "profile",
            model,
            "--calibration",
            text,
            "-o",
            output,
            "--tokens",
            100,
            "--grid",
            "1x2",
            "--calibration-tokens",
            512,
            "--threads",
            1);
    assertThat(call.status()).as(call.err()).isZero();
    assertThat(call.out())
        .contains("model.layers.1.mlp.down_proj")
        .contains("\ndown_proj ")
        .contains("\nblock   1 ")
        .contains("rank correlation")
        .contains("written to " + output);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2|-o profile.txt|--output names a file such as profile.json",
        "2|-o p.json --tokens 1|--tokens must be at least 2",
        "2|-o p.json --calibration-tokens 0|--calibration-tokens must be at least 2",
        "2|-o p.json --grid 9x9|2 to 12 sites",
        "2|--tokens 100|Missing required option",
        "1|-o none/p.json|is no folder",
      })
  void wrongCallsGiveOneLineAndNoFile(int status, String options, String message)
      throws IOException {
    Object[] arguments =
        Stream.of(options.split(" "))
            .map(option ->
                option.endsWith("json") || option.endsWith("txt") ? folder.resolve(option) : option)
            .toArray();
    assertRefused(status, message, profile(arguments));
  }

  @Test
  void aTextThatIsTooShortIsRefused() throws IOException {
    Files.writeString(text, "Once upon a time.");
    assertRefused(1, "give a longer text", profile("-o", output));
  }

  private void assertRefused(int status, String message, Call call) throws IOException {
    assertThat(call.err()).startsWith("karipap: ").contains(message).hasLineCount(1);
    assertThat(call.status()).isEqualTo(status);
    assertThat(call.out()).isEmpty();
    try (var content = Files.list(folder)) {
      assertThat(content).containsExactly(text);
    }
  }
}
