package io.karipap.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {

  @Test
  void aShellReadsTheSameWords() throws IOException, InterruptedException {
    List<String> words =
        List.of(
            "compress",
            "my model",
            "it's",
            "a\"b",
            "$HOME",
            "`id`",
            "",
            "\\",
            "*",
            "a\nb",
            "~/x",
            "--memory=0.07",
            "größe",
            "!1",
            "#",
            "a;b|c&d>e");
    Process shell =
        new ProcessBuilder("sh", "-c", ShellWords.joined("printf '%s\\0'", words)).start();
    shell.getOutputStream().close();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).isZero();
    assertThat(output).isEqualTo(String.join("\0", words) + "\0");
  }

  @Test
  void wordsWithoutSpecialCharactersStayAsTheyWereTyped() {
    assertThat(
            ShellWords.joined(
                "karipap",
                List.of("compress", "models/a-b_1", "--parameters", "0.3", "-o", "/x.y")))
        .isEqualTo("karipap compress models/a-b_1 --parameters 0.3 -o /x.y");
    assertThat(ShellWords.joined("karipap", List.of("a b", ""))).isEqualTo("karipap 'a b' ''");
  }
}
