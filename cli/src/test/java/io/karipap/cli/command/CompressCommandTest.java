package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model is compressed, healed and read back. */
class CompressCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void writeText() throws IOException {
    String stories = Files.readString(SharedFiles.CALIBRATION);
    text = Files.writeString(folder.resolve("text.txt"), stories.substring(0, 40_000));
    output = folder.resolve("out");
  }

  private Call compress(Object... more) {
    Object[] start = {
      "compress",
      MODEL,
      "-o",
      output,
      "--calibration",
      text,
      "--parameters",
      0.5,
      "--form",
      "lowrank",
      "--calibration-tokens",
      4096,
      "--threads",
      1,
      "--json"
    };
    return Call.of(
        java.util.stream.Stream.of(start, more).flatMap(java.util.Arrays::stream).toArray());
  }

  @Test
  void theReportAgreesWithTheArtifact() {
    JsonNode json = compress().json();
    JsonNode stored = Call.of("inspect", output, "--json").json();
    long parameters = json.path("parameters_after").asLong();
    assertThat(parameters).isEqualTo(stored.path("parameters").asLong());
    assertThat(json.path("bytes_after").asLong()).isEqualTo(stored.path("bytes").asLong());
    long original = Call.of("inspect", MODEL, "--json").json().path("parameters").asLong();
    assertThat(json.path("parameters_before").asLong()).isEqualTo(original);
    assertThat(json.path("bytes_before").asLong()).isEqualTo(4 * original);
    assertThat(json.path("parameter_ratio").asDouble())
        .isCloseTo((double) parameters / original, within(1e-12))
        .isLessThanOrEqualTo(0.5);
    assertThat(stored.path("provenance").path("calibration").path("tokens").asLong())
        .isBetween(1L, 4096L);
    double sum = 0;
    int compressed = 0;
    for (JsonNode matrix : json.path("matrices")) {
      assertThat(matrix.path("name").asText()).startsWith("model.");
      assertThat(matrix.path("bytes").asLong()).isPositive();
      if (!matrix.path("form").asText().equals("dense")) {
        sum += matrix.path("error").asDouble();
        compressed++;
      }
    }
    assertThat(compressed).isPositive();
    assertThat(json.path("mean_error").asDouble()).isCloseTo(sum / compressed, within(1e-12));
  }

  @Test
  void codedNumbersAreCountedByTheirBytes() {
    JsonNode json = compress("--quantise", "int4", "--group", 32).json();
    JsonNode stored = Call.of("inspect", output, "--json").json();
    long parameters = json.path("parameters_after").asLong();
    assertThat(parameters).isEqualTo(stored.path("parameters").asLong());
    assertThat(json.path("bytes_after").asLong())
        .isEqualTo(stored.path("bytes").asLong())
        .isLessThan(parameters);
    for (JsonNode matrix : json.path("matrices")) {
      assertThat(matrix.path("form").asText()).endsWith(":int4");
      assertThat(matrix.path("error").asDouble()).isBetween(1e-3, 0.9);
    }
  }

  @Test
  @Tag("slow")
  void healingBringsTheModelNearerToItsTeacher() {
    assertThat(compress().status()).isZero();
    JsonNode json =
        Call.of(
                "heal",
                output,
                "--teacher",
                MODEL,
                "--text",
                text,
                "--tokens",
                6_000,
                "--threads",
                1,
                "--json")
            .json();
    assertThat(json.path("kl_after").asDouble()).isLessThan(json.path("kl_before").asDouble());
    assertThat(json.path("tokens").asLong()).isPositive();
  }

  @Test
  void aFolderThatIsNotOursStaysAsItIs() throws IOException {
    Files.createDirectory(output);
    Files.writeString(output.resolve("thesis.txt"), "years of work");
    Call call = compress();
    assertThat(call.status()).isEqualTo(1);
    assertThat(call.out()).isEmpty();
    assertThat(call.err()).contains("is not a compressed model of karipap").hasLineCount(1);
    assertThat(output.resolve("thesis.txt")).hasContent("years of work");
  }

  @Test
  void anEmptyCalibrationTextIsRefused() throws IOException {
    Files.writeString(text, "");
    Call call = compress();
    assertThat(call.status()).isEqualTo(1);
    assertThat(call.err()).contains("is empty").hasLineCount(1);
    assertThat(output).doesNotExist();
  }
}
