package io.karipap.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every bad input gives one line, the right exit status and no output. */
class BadInputTest {

  private static final Path GOOD = SharedFiles.STORIES;

  @TempDir private Path folder = Path.of("");
  private Path model = Path.of("");
  private Path text = Path.of("");

  @BeforeEach
  void copyModel() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.write(model.resolve(name), Files.readAllBytes(GOOD.resolve(name)));
    }
    text = Files.writeString(folder.resolve("text.txt"), "Once upon a time there was a dog.");
  }

  private void assertRefused(int status, String message, Object... arguments) throws IOException {
    Call call = Call.of(arguments);
    assertThat(call.err()).startsWith("karipap: ").contains(message).hasLineCount(1);
    assertThat(call.err()).doesNotContain("internal error");
    assertThat(call.status()).isEqualTo(status);
    assertThat(call.out()).isEmpty();
    try (var content = Files.list(folder)) {
      assertThat(content.map(p -> p.getFileName().toString()))
          .as("nothing is left behind")
          .doesNotContain("out")
          .noneMatch(name -> name.contains("partial"));
    }
  }

  private void assertModelRefused(String message) throws IOException {
    assertRefused(1, message, "eval", model, "--text", text, "--json");
    assertRefused(1, message, "generate", model, "--prompt", "a");
  }

  @Test
  void missingModel() throws IOException {
    assertRefused(1, "no model at", "inspect", folder.resolve("none"));
    assertRefused(1, "reads Hugging Face folders", "inspect", folder.resolve("a.gguf"));
  }

  @Test
  void missingText() throws IOException {
    assertRefused(1, "there is no such file", "eval", model, "--text", folder.resolve("none"));
  }

  @Test
  void emptyText() throws IOException {
    Files.writeString(text, " \n");
    assertRefused(1, "is empty", "eval", model, "--text", text);
  }

  @Test
  void badTasks() throws IOException {
    assertRefused(2, "give --text or --tasks", "eval", model, "--json");
    assertRefused(2, "--limit is for --tasks", "eval", model, "--text", text, "--limit", 3);
    assertRefused(1, "no such file", "eval", model, "--tasks", folder.resolve("none"));
    assertRefused(1, "text.txt, line 1 is not valid JSON", "eval", model, "--tasks", text);
    assertRefused(2, "--limit must be at least 1", "eval", model, "--tasks", text, "--limit", 0);
    Path task = Files.writeString(folder.resolve("task.jsonl"), "{\"text\": \"a\"}");
    assertRefused(1, "line 1 is no known task: expected are", "eval", model, "--tasks", task);
  }

  @Test
  void missingWeights() throws IOException {
    Files.delete(model.resolve("model.safetensors"));
    assertModelRefused("holds neither model.safetensors nor");
  }

  @Test
  void missingTokenizer() throws IOException {
    Files.delete(model.resolve("tokenizer.json"));
    assertModelRefused("the model has no tokenizer");
  }

  @Test
  void tokenizerAlone() throws IOException {
    Files.delete(model.resolve("config.json"));
    assertModelRefused("config.json: it does not exist");
  }

  @Test
  void truncatedFile() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(weights().toFile(), "rw")) {
      file.setLength(file.length() - 1000);
    }
    assertModelRefused("model.safetensors");
  }

  @Test
  void headerOfTwoToTheSixty() throws IOException {
    patch(0, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 60).array());
    assertModelRefused("model.safetensors");
  }

  @Test
  void overlappingTensors() throws IOException {
    Files.write(
        weights(),
        safetensors(
            "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                + "'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}",
            12));
    assertModelRefused("model.safetensors");
  }

  @Test
  void unknownElementType() throws IOException {
    Files.write(weights(), safetensors("{'a':{'dtype':'F7','shape':[2],'data_offsets':[0,8]}}", 8));
    assertModelRefused("F7");
  }

  @Test
  void weightsThatAreNotNumbers() throws IOException {
    byte[] nan =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN).array();
    patch(Files.size(weights()) - 4, nan);
    assertModelRefused("not finite");
  }

  @Test
  void shapesOfAnotherConfiguration() throws IOException {
    replaceInConfig("\"intermediate_size\": 172", "\"intermediate_size\": 176");
    assertModelRefused("has shape");
  }

  @Test
  void unknownArchitecture() throws IOException {
    replaceInConfig("LlamaForCausalLM", "GPT2LMHeadModel");
    assertModelRefused("GPT2LMHeadModel");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--parameters 0|--parameters must be above 0 and at most 1",
        "--parameters 2|--parameters must be above 0 and at most 1",
        "--parameters NaN|--parameters must be above 0 and at most 1",
        "--memory 1.5|--memory must be above 0 and at most 1",
        "--bytes many|expected a size such as 40MB",
        "--bytes 0|at least one byte",
        "--bytes 4MB --memory 0.1|the size is given by exactly one of",
        "--memory 0.1 --form ring|choose forms and sizes themselves: leave out --form",
        "--memory 0.1 --max-kl 1 --flow|--max-kl is for a share of parameters: leave it out, or give --parameters",
        "--parameters half|Invalid value for option '--parameters'",
        "--parameters 0.3 --form cube|unknown form 'cube'",
        "--parameters 0.3 --quantise int9|no number format 'int9'",
        "--parameters 0.3 --quantise coded|take what bytes there are: give --memory or --bytes",
        "--memory 0.1 --quantise coded7|no number format 'coded7'",
        "--parameters 0.3 --quantise int4 --group 0|--group must be 1 to 1024",
        "--parameters 0.3 --quantise int4 --cells 2|leave out --cells and the form cell",
        "--parameters 0.3 --quantise int4 --form cell|leave out --cells and the form cell",
        "--parameters 0.3 --form pepo --grid 2by3|'2by3' is not a grid",
        "--parameters 0.3 --form pepo --grid 9x9|2 to 12 sites",
        "--parameters 0.3 --fast|Unknown option: '--fast'",
        "--parameters 0.3 --recipe plan.yaml|the size is given by exactly one of --parameters, --memory",
        "--parameters 0.3 --heal -5|--heal must be at least 0, not -5",
        "--parameters 0.3 --threads 0|--threads must be 1 to 9999",
        "--seed 1|the size is given by exactly one of --parameters, --memory",
      })
  void wrongCallsOfCompress(String options, String message) throws IOException {
    Object[] start = {
      "compress", model, "-o", folder.resolve("out"), "--calibration", text, "--json"
    };
    Object[] call =
        java.util.stream.Stream.concat(
                java.util.Arrays.stream(start), java.util.Arrays.stream(options.split(" ")))
            .toArray();
    assertRefused(2, message, call);
    assertThat(Call.of(call).err()).endsWith("see karipap help compress\n");
  }

  @Test
  void unknownCommand() throws IOException {
    assertRefused(2, "see karipap --help", "squeeze");
    assertRefused(2, "which command?");
  }

  @Test
  void verboseAddsTheStackTrace() {
    Call call = Call.of("inspect", folder.resolve("none"), "--verbose");
    assertThat(call.status()).isEqualTo(1);
    assertThat(call.err()).contains("\tat io.karipap.cli.").contains("karipap: no model at");
  }

  private Path weights() {
    return model.resolve("model.safetensors");
  }

  private void patch(long position, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(weights().toFile(), "rw")) {
      file.seek(position);
      file.write(bytes);
    }
  }

  private void replaceInConfig(String old, String with) throws IOException {
    Path config = model.resolve("config.json");
    String json = Files.readString(config);
    assertThat(json).contains(old);
    Files.writeString(config, json.replace(old, with));
  }

  private static byte[] safetensors(String header, int dataBytes) {
    byte[] json = header.replace('\'', '"').getBytes(UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }
}
