package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Generation against the published text of a real model. */
class GenerateCommandTest {

  private static final Path MODEL = SharedFiles.STORIES;

  @Test
  void greedyTextIsThePublishedOne() throws IOException {
    String published =
        Files.readString(SharedFiles.path("reference/stories260K-greedy.txt")).strip();
    Call people = Call.of("generate", MODEL, "--prompt", "", "--tokens", 200, "--temperature", 0);
    assertThat(people.out().strip()).isEqualTo(published);
    assertThat(people.err()).startsWith("200 tokens, ").hasLineCount(1);
    var json =
        Call.of("generate", MODEL, "--prompt", "", "--tokens", 200, "--temperature", 0, "--json")
            .json();
    assertThat(json.path("text").asText().strip()).isEqualTo(published);
    assertThat(json.path("tokens").asInt()).isEqualTo(200);
    assertThat(json.path("tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void theContinuationBeginsWhereThePromptEnds() {
    Call call =
        Call.of("generate", MODEL, "--prompt", "Once upon a", "--tokens", 8, "--temperature", 0);
    assertThat(call.out()).startsWith("Once upon a time");
  }

  @Test
  void aSeedFixesTheText() {
    Object[] call = {"generate", MODEL, "--prompt", "The", "--tokens", 30, "--seed", 7};
    assertThat(Call.of(call).out()).isEqualTo(Call.of(call).out());
  }
}
