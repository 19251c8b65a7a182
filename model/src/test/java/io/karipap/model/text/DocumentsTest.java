package io.karipap.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {

  @TempDir private Path folder;

  @Test
  void splitsAtEndOfTextAndStripsWhiteSpace() {
    assertThat(Documents.of("  one\n two <|endoftext|>\r\n\r\nthree\r\n<|endoftext|>").texts())
        .containsExactly("one\n two", "three");
    assertThat(Documents.of("one\r\ntwo").texts()).containsExactly("one\r\ntwo");
    assertThat(Documents.of("<|endoftext|><|endoftext|> \n\t<|endoftext|>a").texts())
        .containsExactly("a");
    assertThat(Documents.of("\u2003é 中 🙂\u3000").texts()).containsExactly("é 中 🙂");
    assertThat(Documents.of("a <|endoftext b").texts()).containsExactly("a <|endoftext b");
  }

  @Test
  void readsUtf8() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "né\n<|endoftext|>\n中🙂\n");
    assertThat(Documents.read(file).texts()).containsExactly("né", "中🙂");
  }

  @Test
  void filesThatAreNoTextAreRefusedInOneLine() throws IOException {
    Path none = folder.resolve("none");
    Path empty = Files.writeString(folder.resolve("empty"), " \n<|endoftext|>\n");
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'a', (byte) 0xe9, 'b'});
    refused(none, "no such file");
    refused(empty, "is empty");
    refused(latin, "not UTF-8");
    refused(folder, "cannot be read");
  }

  private static void refused(Path file, String why) {
    assertThatThrownBy(() -> Documents.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }

  @Test
  void everyDocumentBeginsWithItsBosAndJoiningKeepsTheOrder() {
    Path model = SharedFiles.model("tiny1m");
    ModelConfig config = LlamaConfig.read(model.resolve("config.json")).model();
    try (var tokenizer = Tokenizer.open(model, config)) {
      Documents documents = new Documents(List.of("Once upon a time", "a 中🙂", "the end."));
      List<TokenSequence> ids = documents.encode(tokenizer);
      assertThat(ids).hasSize(3);
      for (int i = 0; i < 3; i++) {
        TokenSequence document = ids.get(i);
        int[] all =
            Arrays.stream(document.slice(0, document.size())).mapToInt(Math::toIntExact).toArray();
        assertThat(all[0]).isEqualTo(1);
        assertThat(tokenizer.decode(all)).isEqualTo(documents.texts().get(i));
      }
      TokenSequence joined = documents.join(tokenizer);
      int place = 0;
      for (TokenSequence document : ids) {
        assertThat(joined.slice(place, document.size()))
            .isEqualTo(document.slice(0, document.size()));
        place += document.size();
      }
      assertThat(joined.size()).isEqualTo(place);
    }
  }
}
