package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
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

  /**
   * Counted in the file itself: every tensor by its shape and type, packed codes by their bytes.
   */
  @Test
  void theReportAgreesWithTheFileThatIsWritten() {
    JsonNode json = compress().json();
    try (TensorStore store = TensorStore.open(output);
        TensorStore original = TensorStore.open(MODEL)) {
      long parameters = elements(store, store.names());
      assertThat(json.path("parameters_after").asLong()).isEqualTo(parameters);
      assertThat(json.path("bytes_after").asLong()).isEqualTo(4 * parameters);
      long before = elements(original, original.names());
      assertThat(json.path("parameters_before").asLong()).isEqualTo(before);
      assertThat(json.path("bytes_before").asLong()).isEqualTo(4 * before);
      assertThat(json.path("parameter_ratio").asDouble())
          .isCloseTo((double) parameters / before, within(1e-12))
          .isLessThanOrEqualTo(0.5);
      double sum = 0;
      int compressed = 0;
      for (JsonNode matrix : json.path("matrices")) {
        List<String> tensors = tensorsOf(store, matrix.path("name").asText());
        assertThat(matrix.path("parameters").asLong()).isEqualTo(elements(store, tensors));
        assertThat(matrix.path("bytes").asLong()).isEqualTo(bytes(store, tensors));
        if (!matrix.path("form").asText().equals("dense")) {
          assertThat(tensors).hasSize(2);
          sum += matrix.path("error").asDouble();
          compressed++;
        }
      }
      assertThat(compressed).isPositive();
      assertThat(json.path("mean_error").asDouble()).isCloseTo(sum / compressed, within(1e-12));
    }
    JsonNode stored = Call.of("inspect", output, "--json").json();
    assertThat(stored.path("parameters").asLong())
        .isEqualTo(json.path("parameters_after").asLong());
    assertThat(stored.path("bytes").asLong()).isEqualTo(json.path("bytes_after").asLong());
    assertThat(stored.path("provenance").path("calibration").path("tokens").asLong())
        .isBetween(1L, 4096L);
  }

  @Test
  void codedNumbersAreCountedByTheirBytes() {
    JsonNode json = compress("--quantise", "int4", "--group", 32).json();
    try (TensorStore store = TensorStore.open(output)) {
      assertThat(json.path("bytes_after").asLong())
          .isEqualTo(bytes(store, store.names()))
          .isLessThan(json.path("parameters_after").asLong());
      for (JsonNode matrix : json.path("matrices")) {
        assertThat(matrix.path("form").asText()).endsWith(":int4");
        assertThat(matrix.path("error").asDouble()).isBetween(1e-3, 0.9);
        assertThat(matrix.path("bytes").asLong())
            .isEqualTo(bytes(store, tensorsOf(store, matrix.path("name").asText())));
      }
    }
    JsonNode stored = Call.of("inspect", output, "--json").json();
    assertThat(stored.path("parameters").asLong())
        .isEqualTo(json.path("parameters_after").asLong());
    assertThat(stored.path("bytes").asLong()).isEqualTo(json.path("bytes_after").asLong());
  }

  private static List<String> tensorsOf(TensorStore store, String matrix) {
    return store.names().stream().filter(name -> name.startsWith(matrix + ".")).toList();
  }

  private static long elements(TensorStore store, Collection<String> names) {
    return names.stream()
        .mapToLong(name ->
            store.info(name).shape().stream()
                .mapToLong(Long::longValue)
                .reduce(1, Math::multiplyExact))
        .sum();
  }

  private static long bytes(TensorStore store, Collection<String> names) {
    return names.stream().mapToLong(name -> store.info(name).bytes()).sum();
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
