package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small model is trained, interrupted, resumed and used. */
class TrainCommandTest {

  @TempDir private Path folder = Path.of("");
  private Path config = Path.of("");
  private Path text = Path.of("");

  @BeforeEach
  void writeInputs() throws IOException {
    config = folder.resolve("train.json");
    writeConfig("0.01");
    String stories = Files.readString(SharedFiles.path("data/tinystories/valid.txt"));
    text = Files.writeString(folder.resolve("text.txt"), stories.substring(0, 6000));
  }

  private void writeConfig(String learningRate) throws IOException {
    Path tokenizer =
        SharedFiles.path("models/stories260K/tokenizer.json").toAbsolutePath().normalize();
    String json =
        """
        {"model": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "bos_token_id": 1,
                   "eos_token_id": 2, "torch_dtype": "float32", "hidden_size": 16,
                   "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
                   "vocab_size": 512, "max_position_embeddings": 32, "tie_word_embeddings": true},
         "tokenizer": "%s",
         "training": {"tokens": 1024, "batch_tokens": 128, "micro_tokens": 64, "context": 32,
                      "learning_rate": %s, "warmup_tokens": 256, "final_fraction": 0.1,
                      "weight_decay": 0.1, "clip": 1.0, "compute": "f32", "seed": 3}}
        """
            .formatted(tokenizer, learningRate);
    Files.writeString(config, json);
  }

  private Call train(Path output, Object... more) {
    Object[] start = {"train", "--config", config, "--text", text + "=0.5", "-o", output, "--json"};
    return Call.of(
        java.util.stream.Stream.of(start, more).flatMap(java.util.Arrays::stream).toArray());
  }

  @Test
  void anInterruptedRunEndsInTheSameWeights() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertThat(train(whole).status()).isZero();
    JsonNode stopped = train(parts, "--stop-after", 3).json();
    assertThat(stopped.path("finished").asBoolean()).isFalse();
    assertThat(stopped.path("steps").asLong()).isEqualTo(3);
    assertThat(parts.resolve("model.safetensors")).doesNotExist();
    JsonNode finished = train(parts, "--resume").json();
    assertThat(finished.path("finished").asBoolean()).isTrue();
    assertThat(finished.path("steps").asLong()).isEqualTo(8);
    assertThat(parts.resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    assertThat(parts.resolve(".training")).doesNotExist();
  }

  @Test
  void theResultIsAnOrdinaryFolder() {
    Path output = folder.resolve("model");
    JsonNode json = train(output, "--valid", text).json();
    double loss = json.path("valid").path(0).path("loss").asDouble();
    assertThat(loss).isLessThan(Math.log(512));
    JsonNode again = Call.of("eval", output, "--text", text, "--json").json();
    assertThat(again.path("loss").asDouble())
        .isCloseTo(loss, org.assertj.core.api.Assertions.within(1e-6));
    assertThat(output.resolve("generation_config.json")).exists();
    assertThat(json.path("parameters").asLong())
        .isEqualTo(Call.of("inspect", output, "--json").json().path("parameters").asLong());
  }

  @Test
  void aStateOfOtherSettingsIsRefused() throws IOException {
    Path output = folder.resolve("model");
    assertThat(train(output, "--stop-after", 1).status()).isZero();
    Call begun = train(output);
    assertThat(begun.status()).isEqualTo(1);
    assertThat(begun.err()).contains("holds an interrupted run: add --resume");
    writeConfig("0.02");
    Call other = train(output, "--resume");
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.err()).contains("another configuration or other texts").hasLineCount(1);
    assertThat(other.out()).isEmpty();
  }

  @Test
  void aFolderThatIsNotOursIsRefusedBeforeTheWork() throws IOException {
    Path output = Files.createDirectory(folder.resolve("precious"));
    Files.writeString(output.resolve("thesis.txt"), "years of work");
    Call call = train(output);
    assertThat(call.status()).isEqualTo(1);
    assertThat(call.err()).contains("exists and is not a compressed model").hasLineCount(1);
    assertThat(output.resolve("thesis.txt")).hasContent("years of work");
  }

  @Test
  void wrongConfigurationsAreNamed() throws IOException {
    writeConfig("0.01, \"dropout\": 0.1");
    assertThat(train(folder.resolve("a")).err()).contains("unknown field 'dropout'");
    writeConfig("-1");
    assertThat(train(folder.resolve("a")).err()).contains("learning rate");
    Files.writeString(config, "{");
    assertThat(train(folder.resolve("a")).err()).contains("is not valid JSON").hasLineCount(1);
  }
}
