package io.karipap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluation of a real model against the loss of two independent implementations. */
class EvalCommandTest {

  private static final Path MODEL = Call.shared("models/stories260K");

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");

  @BeforeEach
  void writeStories() throws IOException {
    String stories = Files.readString(Call.shared("reference/stories.txt"));
    text =
        Files.writeString(
            folder.resolve("stories.txt"), stories.replace("\u0001", "<|endoftext|>"));
  }

  @Test
  void lossIsTheReference() {
    JsonNode json = Call.of("eval", MODEL, "--text", text, "--json").json();
    assertThat(json.path("tokens").asLong()).isEqualTo(3373);
    assertThat(json.path("loss").asDouble()).isCloseTo(1.558886, within(2e-6));
    assertThat(json.path("perplexity").asDouble()).isCloseTo(Math.exp(1.558886), within(1e-4));
    double bits = 1.558886 * 3373 / json.path("bytes_of_text").asLong() / Math.log(2);
    assertThat(json.path("bits_per_byte").asDouble()).isCloseTo(bits, within(1e-5));
    assertThat(json.path("top1").asDouble()).isBetween(0.5, 0.7);
    assertThat(json.path("model").asText()).isEqualTo(MODEL.toString());
    assertThat(json.has("kl")).isFalse();
  }

  @Test
  void aModelAgreesWithItself() {
    JsonNode json =
        Call.of("eval", MODEL, "--text", text, "--against", MODEL, "--context", 64, "--json")
            .json();
    assertThat(json.path("kl").asDouble()).isCloseTo(0, within(1e-9));
    assertThat(json.path("agreement").asDouble()).isEqualTo(1);
  }

  @Test
  void peopleGetATable() {
    Call call = Call.of("eval", MODEL, "--text", text);
    assertThat(call.status()).isZero();
    assertThat(call.err()).isEmpty();
    assertThat(call.out()).contains("perplexity").contains("1.5589").doesNotContain("{");
  }

  @Test
  void aWindowLongerThanTheModelIsRefused() {
    Call call = Call.of("eval", MODEL, "--text", text, "--context", 513, "--json");
    assertThat(call.status()).isEqualTo(2);
    assertThat(call.out()).isEmpty();
    assertThat(call.err()).startsWith("karipap: --context is 513, but the model's is 512");
  }
}
