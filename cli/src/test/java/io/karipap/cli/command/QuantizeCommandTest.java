package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuantizeCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");
  private Path artifact = Path.of("");

  @BeforeAll
  void compress(@TempDir Path shared) throws IOException {
    String stories = Files.readString(SharedFiles.CALIBRATION);
    text = Files.writeString(shared.resolve("text.txt"), stories.substring(0, 20_000));
    artifact = shared.resolve("artifact");
    Call call =
        Call.of(
            "compress",
            MODEL,
            "-o",
            artifact,
            "--calibration",
            text,
            "--parameters",
            0.6,
            "--form",
            "lowrank",
            "--gauge",
            "none",
            "--threads",
            1);
    assertThat(call.status()).isZero();
  }

  private JsonNode quantized(String numbers, Object... more) {
    Path output = folder.resolve(numbers);
    Object[] call = {"quantize", artifact, "-o", output, "--quantise", numbers, "--json"};
    Object[] all = Stream.of(call, more).flatMap(Arrays::stream).toArray();
    Call made = Call.of(all);
    assertThat(made.err()).isEmpty();
    return made.json();
  }

  @Test
  void sixteenBitsTakeHalfTheBytesAndPredictTheSame() {
    JsonNode json = quantized("float16");
    JsonNode before = Call.of("inspect", artifact, "--json").json();
    assertThat(json.path("bytes_before")).isEqualTo(before.path("bytes"));
    // 11 norm gains of 64 stay in four bytes
    long gains = 4 * 11 * 64;
    assertThat(json.path("bytes_after").asLong())
        .isEqualTo((before.path("bytes").asLong() - gains) / 2 + gains);
    assertThat(loss(folder.resolve("float16"))).isCloseTo(loss(artifact), within(2e-3));
  }

  @Test
  void theOldNamesOfTheCommandAndItsOptionDoTheSame() throws IOException {
    Path old = folder.resolve("old");
    Path now = folder.resolve("now");
    assertThat(Call.of("narrow", artifact, "-o", old, "--numbers", "bfloat16").status()).isZero();
    assertThat(Call.of("quantize", artifact, "-o", now, "--quantise", "bfloat16").status())
        .isZero();
    assertThat(Files.mismatch(old.resolve("model.safetensors"), now.resolve("model.safetensors")))
        .isEqualTo(-1);
  }

  @Test
  void codesAimAtWhatTheCompressedModelIs() {
    JsonNode json = quantized("lloyd4", "--calibration", text, "--group", 32);
    assertThat(json.path("bytes_after").asLong())
        .isLessThan(json.path("bytes_before").asLong() * 4 / 25);
    assertThat(loss(folder.resolve("lloyd4"))).isCloseTo(loss(artifact), within(0.3));
  }

  private double loss(Path model) {
    return Call.of("eval", model, "--text", text, "--threads", 1, "--json")
        .json()
        .path("loss")
        .asDouble();
  }

  @Test
  void whatCannotBeIsRefusedAndNothingIsWritten() {
    Path output = folder.resolve("none");
    Call unknown = Call.of("quantize", artifact, "-o", output, "--quantise", "float8");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("float8").contains("bfloat16").hasLineCount(1);
    Call blind = Call.of("quantize", artifact, "-o", output, "--quantise", "int4");
    assertThat(blind.status()).isEqualTo(2);
    assertThat(blind.err()).contains("--calibration").hasLineCount(1);
    Call original = Call.of("narrow", MODEL, "-o", output, "--numbers", "float16");
    assertThat(original.status()).isEqualTo(1);
    assertThat(original.err()).contains("not a compressed model").hasLineCount(1);
    assertThat(output).doesNotExist();
  }
}
