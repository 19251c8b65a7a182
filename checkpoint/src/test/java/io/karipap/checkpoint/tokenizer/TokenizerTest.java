package io.karipap.checkpoint.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  @TempDir Path folder;

  private static Tokenizer open(String model) {
    Path path = SharedFiles.path("models").resolve(model);
    return Tokenizer.open(path, LlamaConfig.read(path.resolve("config.json")).model());
  }

  private static ModelConfig config(int vocabulary) {
    ObjectNode json = LlamaConfig.read(SharedFiles.path("models/tiny1m/config.json")).model().raw();
    return LlamaConfig.parse(json.put("vocab_size", vocabulary), "config.json").model();
  }

  private static Tokenizer corpus() {
    return Tokenizer.open(SharedFiles.path("corpus"), config(4096));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stories260K", "tiny1m", "tinystories656K"})
  void encodesTheReferenceStories(String model) throws IOException {
    List<String> ids = Files.readAllLines(SharedFiles.path("reference/" + model + ".ids"));
    String[] stories = Files.readString(SharedFiles.path("reference/stories.txt")).split("\u0001");
    assertThat(ids).isNotEmpty().hasSizeLessThanOrEqualTo(stories.length);
    try (Tokenizer tokenizer = open(model)) {
      for (int i = 0; i < ids.size(); i++) {
        int[] expected =
            Arrays.stream(ids.get(i).strip().split(" ")).mapToInt(Integer::parseInt).toArray();
        int[] encoded = tokenizer.encode(stories[i]);
        assertThat(tokenizer.bos()).hasValue(expected[0]);
        assertThat(encoded).isEqualTo(Arrays.copyOfRange(expected, 1, expected.length));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"stories260K,512", "tinystories656K,2048"})
  void knowsTheSizeOfItsVocabulary(String model, int size) {
    try (Tokenizer tokenizer = open(model)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(size);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "  two spaces  and a tab\t.\n\nNew line",
        "é 漢字 \uD83D\uDE00 \uD83D\uDC69\u200D\uD83D\uDE80",
        "null \0 inside",
        "combining e\u0301 and \uFFFD",
      })
  void returnsTextsByteForByte(String text) {
    try (Tokenizer bytes = corpus();
        Tokenizer pieces = open("stories260K")) {
      assertThat(bytes.decode(bytes.encode(text))).isEqualTo(text);
      assertThat(pieces.decode(pieces.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void returnsTheValidationStories() throws IOException {
    String text = Files.readString(SharedFiles.path("corpus/stories/tinystories-valid.txt"));
    String[] stories = text.split("<\\|endoftext\\|>");
    long tokens = 0;
    long bytes = 0;
    try (Tokenizer tokenizer = corpus()) {
      assertThat(tokenizer.bos()).hasValue(0);
      for (String story : Arrays.copyOf(stories, 200)) {
        int[] ids = tokenizer.encode(story);
        assertThat(tokenizer.decode(ids)).isEqualTo(story);
        tokens += ids.length;
        bytes += story.length();
      }
    }
    // the tokenizer's own description: 3.9 bytes a token on this text
    assertThat(bytes / (double) tokens).isBetween(3.7, 4.1);
  }

  @Test
  void leavesSpecialTokensOutUnlessTheyAreWanted() {
    try (Tokenizer tokenizer = open("stories260K")) {
      int[] ids = tokenizer.encode("Once");
      int[] closed = new int[ids.length + 2];
      closed[0] = 1;
      System.arraycopy(ids, 0, closed, 1, ids.length);
      closed[ids.length + 1] = 2;
      assertThat(tokenizer.decode(closed)).isEqualTo("Once");
      assertThat(tokenizer.decodeKeepingSpecial(closed)).startsWith("<s>").endsWith("</s>");
      assertThat(tokenizer.encode("</s>")).contains(2);
    }
  }

  @Test
  void doesNotCutLongTexts() {
    try (Tokenizer tokenizer = corpus()) {
      String text = "Once upon a time. ".repeat(20_000);
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void servesSeveralThreadsAtOnce() {
    try (Tokenizer tokenizer = corpus()) {
      int[] alone = tokenizer.encode("The quick brown fox.");
      assertThat(
              IntStream.range(0, 200)
                  .parallel()
                  .mapToObj(i -> tokenizer.encode("The quick brown fox."))
                  .toList())
          .allSatisfy(ids -> assertThat(ids).isEqualTo(alone));
    }
  }

  @ParameterizedTest
  @CsvSource({"-1", "4096", "2147483647"})
  void refusesIdsOutsideItsVocabulary(int id) {
    try (Tokenizer tokenizer = corpus()) {
      assertThatThrownBy(() -> tokenizer.decode(new int[] {id}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(id));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "empty",
      value = {
        "{\"add_bos_token\":false} | -1",
        "{\"add_bos_token\":true,\"bos_token\":\"</s>\"} | 2",
        "{\"add_bos_token\":true,\"bos_token\":{\"content\":\"</s>\"}} | 2",
        "{\"add_bos_token\":true} | 1",
        "{} | 1",
      })
  void findsTheIdThatGoesFirst(String options, int expected) throws IOException {
    Path original = SharedFiles.path("models/tiny1m/tokenizer.json");
    Files.copy(original, folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("tokenizer_config.json"), options);
    try (Tokenizer tokenizer = Tokenizer.open(folder, config(512))) {
      assertThat(tokenizer.bos().orElse(-1)).isEqualTo(expected);
    }
  }

  @Test
  void addsNoIdWhereNothingAsksForOne() throws IOException {
    ObjectNode json = Json.read(SharedFiles.path("models/tiny1m/tokenizer.json"));
    json.putNull("post_processor");
    Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    try (Tokenizer tokenizer = Tokenizer.open(folder, config(512))) {
      assertThat(tokenizer.bos()).isEmpty();
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\":\"LlamaTokenizerFast\",\"bos_token\":\"<s>\"}");
    try (Tokenizer tokenizer = Tokenizer.open(folder, config(512))) {
      assertThat(tokenizer.bos()).hasValue(1);
    }
  }

  @Test
  void saysThatItCannotEncodeWhatItHasNoIdFor() throws IOException {
    String words =
        """
        {"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"[UNK]"}}\
        """;
    Files.writeString(folder.resolve("tokenizer.json"), words);
    try (Tokenizer tokenizer = Tokenizer.open(folder, config(512))) {
      assertThat(tokenizer.encode("a")).containsExactly(0);
      assertThatThrownBy(() -> tokenizer.encode("b"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("cannot encode");
    }
    Files.writeString(folder.resolve("tokenizer.json"), words.replace("\"a\"", "\"c\""));
    assertThatThrownBy(() -> Tokenizer.open(folder, config(512)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cannot encode");
  }

  @Test
  void keepsTheLibraryFromUsingTheNetwork() {
    corpus().close();
    assertThat(Utils.isOfflineMode()).isTrue();
    assertThat(Boolean.getBoolean("OPT_OUT_TRACKING")).isTrue();
  }

  @Test
  void saysThatAModelHasNoTokenizer() {
    assertThatThrownBy(() -> Tokenizer.open(folder, config(512)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json does not exist: the model has no tokenizer");
  }

  @Test
  void refusesAnotherModelsTokenizer() {
    assertThatThrownBy(() -> Tokenizer.open(SharedFiles.model("tiny1m"), config(511)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("ids up to 511")
        .hasMessageContaining("vocab_size is 511");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":1.5},\"merges\":[]}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"x y\"]}}",
        "{\"model\":{\"type\":\"Unheard\",\"vocab\":{\"a\":0}}}",
      })
  void refusesMalformedTokenizers(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    assertThatThrownBy(() -> Tokenizer.open(folder, config(512)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void survivesDamagedTokenizers(int seed) throws IOException {
    byte[] original = Files.readAllBytes(SharedFiles.path("models/tiny1m/tokenizer.json"));
    Random random = new Random(seed);
    ModelConfig config = config(512);
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      byte[] damaged = original.clone();
      damaged[random.nextInt(damaged.length)] = (byte) (32 + random.nextInt(95));
      Files.write(folder.resolve("tokenizer.json"), damaged);
      try (Tokenizer tokenizer = Tokenizer.open(folder, config)) {
        tokenizer.encode("Once upon a time");
      } catch (CheckpointException e) {
        refused++;
        assertThat(e.getMessage()).contains("tokenizer.json").doesNotContain("\n");
      }
    }
    assertThat(refused).isBetween(1, 199);
  }
}
