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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GaugeCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void writeText() throws IOException {
    String stories = Files.readString(SharedFiles.CALIBRATION);
    text = Files.writeString(folder.resolve("text.txt"), stories.substring(0, 20_000));
    output = folder.resolve("out");
  }

  @Test
  void theModelPredictsAsBeforeWithAHeadOfItsOwn() {
    Call call = Call.of("gauge", MODEL, "-o", output, "--calibration", text, "--threads", 1);
    assertThat(call.status()).isZero();
    assertThat(call.out()).contains("tied to the embeddings");
    JsonNode stored = Call.of("inspect", output, "--json").json();
    long original = Call.of("inspect", MODEL, "--json").json().path("parameters").asLong();
    assertThat(stored.path("parameters").asLong()).isEqualTo(original + 512 * 64);
    JsonNode json =
        Call.of("eval", output, "--text", text, "--against", MODEL, "--threads", 1, "--json")
            .json();
    assertThat(json.path("kl").asDouble()).isCloseTo(0, within(1e-6));
    assertThat(json.path("agreement").asDouble()).isGreaterThan(0.999);
  }

  @Test
  void aCompressedModelNamesItsBasisAndCountsItsMatrix() {
    JsonNode json =
        Call.of(
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
                "--gauge",
                "values,residual",
                "--threads",
                1,
                "--json")
            .json();
    assertThat(json.path("gauge")).map(JsonNode::asText).containsExactly("residual", "values");
    JsonNode stored = Call.of("inspect", output, "--json").json();
    assertThat(stored.path("parameters")).isEqualTo(json.path("parameters_after"));
    assertThat(json.path("parameter_ratio").asDouble()).isBetween(0.48, 0.5);
    assertThat(stored.path("families"))
        .anySatisfy(family -> {
          assertThat(family.path("family").asText()).isEqualTo("head_gain");
          assertThat(family.path("parameters").asInt()).isEqualTo(64 * 64);
        });
    assertThat(stored.path("provenance").path("gauge"))
        .map(JsonNode::asText)
        .containsExactly("residual", "values");
  }

  @Test
  void unknownSymmetriesAreRefused() {
    Call call =
        Call.of("gauge", MODEL, "-o", output, "--calibration", text, "--gauge", "values,turn");
    assertThat(call.status()).isEqualTo(2);
    assertThat(call.err())
        .contains("unknown symmetry 'turn'")
        .contains("residual, values, neurons");
    assertThat(output).doesNotExist();
    Call auto = Call.of("gauge", MODEL, "-o", output, "--calibration", text, "--gauge", "auto");
    assertThat(auto.status()).isEqualTo(2);
  }
}
