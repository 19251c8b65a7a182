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

/** Evaluation of a real model against the loss of two independent implementations. */
class EvalCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path text = Path.of("");

  @BeforeEach
  void writeStories() throws IOException {
    String stories = Files.readString(SharedFiles.path("reference/stories.txt"));
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

  private static Path task(String name) {
    return SharedFiles.path("data/tasks/" + name + ".jsonl");
  }

  @Test
  void tasksAreScoredWithoutAText() {
    JsonNode json =
        Call.of(
                "eval",
                MODEL,
                "--tasks",
                task("piqa"),
                task("lambada_openai"),
                task("winogrande"),
                "--limit",
                40,
                "--json")
            .json();
    assertThat(json.has("loss")).isFalse();
    assertThat(json.path("tasks")).hasSize(3);
    JsonNode piqa = json.path("tasks").path(0);
    assertThat(piqa.path("name").asText()).isEqualTo("piqa");
    assertThat(piqa.path("examples").asInt()).isEqualTo(40);
    assertThat(piqa.path("cut").isInt()).isTrue();
    assertThat(piqa.path("acc").asDouble()).isBetween(0.2, 0.8);
    double p = piqa.path("acc").asDouble();
    assertThat(piqa.path("stderr").asDouble()).isCloseTo(Math.sqrt(p * (1 - p) / 39), within(1e-9));
    double norm = piqa.path("acc_norm").asDouble();
    assertThat(piqa.path("acc_norm_stderr").asDouble())
        .isCloseTo(Math.sqrt(norm * (1 - norm) / 39), within(1e-9));
    assertThat(piqa.has("perplexity")).isFalse();
    assertThat(piqa.has("against")).isFalse();
    JsonNode lambada = json.path("tasks").path(1);
    assertThat(lambada.path("perplexity").asDouble()).isGreaterThan(1);
    assertThat(lambada.path("perplexity_stderr").isNumber()).isTrue();
    assertThat(lambada.has("acc_norm")).isFalse();
    assertThat(json.path("tasks").path(2).has("acc_norm")).isFalse();
  }

  @Test
  void tasksAreHeldAgainstAnotherModel() {
    Object[] call = {
      "eval",
      MODEL,
      "--tasks",
      task("copa"),
      task("lambada_openai"),
      "--limit",
      10,
      "--against",
      MODEL,
      "--text",
      text
    };
    Object[] json = java.util.Arrays.copyOf(call, call.length + 1);
    json[call.length] = "--json";
    JsonNode result = Call.of(json).json();
    assertThat(result.path("kl").asDouble()).isCloseTo(0, within(1e-9));
    JsonNode copa = result.path("tasks").path(0);
    JsonNode against = copa.path("against");
    assertThat(against.path("acc")).isEqualTo(copa.path("acc"));
    assertThat(against.path("acc_norm")).isEqualTo(copa.path("acc_norm"));
    for (String field :
        new String[] {
          "acc_difference",
          "acc_difference_stderr",
          "acc_norm_difference",
          "acc_norm_difference_stderr",
          "only_this",
          "only_other"
        }) {
      assertThat(against.path(field).isNumber()).as(field).isTrue();
      assertThat(against.path(field).asDouble()).as(field).isZero();
    }
    assertThat(result.path("tasks").path(1).path("against").path("loss_difference").asDouble())
        .isZero();
    Call table = Call.of(call);
    assertThat(table.status()).isZero();
    assertThat(table.out())
        .contains("perplexity", "task", "acc_norm", "lambada_openai", "only this", "±")
        .doesNotContain("{");
  }

  @Test
  void theErrorOfASingleExampleIsUnknown() {
    JsonNode json = Call.of("eval", MODEL, "--tasks", task("copa"), "--limit", 1, "--json").json();
    assertThat(json.path("tasks").path(0).path("stderr").isNull()).isTrue();
  }

  @Test
  void promptsThatDoNotFitAreCountedAsCut() {
    JsonNode json =
        Call.of("eval", MODEL, "--tasks", task("copa"), "--limit", 5, "--context", 8, "--json")
            .json();
    assertThat(json.path("tasks").path(0).path("cut").asInt()).isEqualTo(5);
  }
}
