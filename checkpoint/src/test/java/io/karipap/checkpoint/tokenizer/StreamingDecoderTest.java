package io.karipap.checkpoint.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.testing.SharedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingDecoderTest {
  private static final String TEXT =
      "Once upon a time,  there was a café\n\n 漢字 and \uD83D\uDE00\uD83D\uDC69\u200D\uD83D\uDE80!";

  private static Tokenizer open(String folder) {
    Path path = SharedFiles.path(folder);
    Path own = path.resolve("config.json");
    ObjectNode json =
        LlamaConfig.read(Files.exists(own) ? own : SharedFiles.path("models/tiny1m/config.json"))
            .model()
            .raw();
    return Tokenizer.open(
        path, LlamaConfig.parse(json.put("vocab_size", 4096), "config.json").model());
  }

  private static String stream(Tokenizer tokenizer, int[] ids) {
    StreamingDecoder decoder = new StreamingDecoder(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      String piece = decoder.add(id);
      // a lone surrogate would be half a character
      assertThat(new String(piece.getBytes(UTF_8), UTF_8)).isEqualTo(piece);
      assertThat(piece).doesNotContain("\uFFFD");
      text.append(piece);
    }
    return text.append(decoder.flush()).toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"corpus", "models/stories260K"})
  void piecesMakeTheWholeText(String folder) {
    try (Tokenizer tokenizer = open(folder)) {
      int[] ids = tokenizer.encode(TEXT);
      assertThat(ids).hasSizeGreaterThan(TEXT.codePointCount(0, TEXT.length()) / 4);
      assertThat(stream(tokenizer, ids)).isEqualTo(TEXT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"corpus", "models/stories260K", "models/tinystories656K"})
  void piecesOfRandomValidTextMakeTheWholeText(String folder) {
    int[] alphabet = " \n.abcxyzéß漢\uD83D\uDE00 the".codePoints().toArray();
    try (Tokenizer tokenizer = open(folder)) {
      for (int seed = 0; seed < 200; seed++) {
        StringBuilder text = new StringBuilder();
        new Random(seed)
            .ints(30, 0, alphabet.length)
            .forEach(i -> text.appendCodePoint(alphabet[i]));
        int[] ids = tokenizer.encode(text.toString());
        assertThat(stream(tokenizer, ids)).isEqualTo(tokenizer.decode(ids));
      }
    }
  }

  @Test
  void keepsSpacesBetweenWordsAndDropsTheFirst() {
    try (Tokenizer tokenizer = open("models/stories260K")) {
      StreamingDecoder decoder = new StreamingDecoder(tokenizer);
      int[] ids = tokenizer.encode("the the");
      assertThat(ids).hasSize(2);
      assertThat(decoder.add(ids[0])).isEqualTo("the");
      assertThat(decoder.add(ids[1])).isEqualTo(" the");
    }
  }

  @Test
  void specialTokensSayNothingAndTakeNoSpaceAway() {
    try (Tokenizer tokenizer = open("models/stories260K")) {
      int the = tokenizer.encode("the")[0];
      StreamingDecoder decoder = new StreamingDecoder(tokenizer);
      assertThat(decoder.add(1)).isEmpty();
      assertThat(decoder.add(the)).isEqualTo("the");
      assertThat(decoder.add(2)).isEmpty();
      assertThat(decoder.add(1)).isEmpty();
      assertThat(decoder.add(the)).isEqualTo(" the");
    }
  }

  @Test
  void holdsTheBytesOfACharacterBackUntilItIsWhole() {
    try (Tokenizer tokenizer = open("models/stories260K")) {
      int[] ids = tokenizer.encode("a\uD83D\uDE00");
      int[] face = Arrays.copyOfRange(ids, ids.length - 4, ids.length);
      StreamingDecoder decoder = new StreamingDecoder(tokenizer);
      assertThat(decoder.add(tokenizer.encode("a")[0])).isEqualTo("a");
      assertThat(decoder.add(face[0])).isEmpty();
      assertThat(decoder.add(face[1])).isEmpty();
      assertThat(decoder.add(face[2])).isEmpty();
      assertThat(decoder.add(face[3])).isEqualTo("\uD83D\uDE00");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"corpus", "models/stories260K"})
  void brokenBytesBecomeReplacementsAndDoNotStopTheText(String folder) {
    try (Tokenizer tokenizer = open(folder)) {
      int[] ids = tokenizer.encode("a\uD83D\uDE00");
      int first = ids[ids.length - 4]; // begins a character of four bytes
      int the = tokenizer.encode(" the")[tokenizer.encode(" the").length - 1];
      StreamingDecoder decoder = new StreamingDecoder(tokenizer);
      assertThat(decoder.add(first)).isEmpty();
      assertThat(decoder.add(the)).isEqualTo("\uFFFD the");
      for (int id : Arrays.copyOfRange(ids, ids.length - 4, ids.length)) {
        decoder.add(id);
      }
      decoder.add(first);
      assertThat(decoder.add(the)).isEqualTo("\uFFFD the");
      decoder.add(first);
      assertThat(decoder.flush()).isEqualTo("\uFFFD");
      assertThat(decoder.flush()).isEmpty();
    }
  }

  @Test
  void doesNotHoldEndlessBrokenBytesBack() {
    try (Tokenizer tokenizer = open("models/stories260K")) {
      int[] face = tokenizer.encode("\uD83D\uDE00");
      StreamingDecoder decoder = new StreamingDecoder(tokenizer);
      String text =
          IntStream.range(0, 64)
              .mapToObj(i -> decoder.add(face[face.length - 1]))
              .reduce("", String::concat);
      assertThat(text).isEqualTo("\uFFFD".repeat(64));
    }
  }
}
