package io.karipap.model.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.task.Example.Cloze;
import io.karipap.model.task.Example.MultipleChoice;
import io.karipap.model.task.Example.PartialChoice;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskFileTest {

  @TempDir private Path folder = Path.of("");

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("task.jsonl"), content.replace('\'', '"'));
  }

  private Example only(String line) throws IOException {
    List<Example> examples = TaskFile.read(file(line)).examples();
    assertThat(examples).hasSize(1);
    return examples.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "arc_easy, 2376, MultipleChoice",
    "boolq, 3270, MultipleChoice",
    "copa, 100, MultipleChoice",
    "lambada_openai, 5153, Cloze",
    "piqa, 1838, MultipleChoice",
    "winogrande, 1267, PartialChoice"
  })
  void publishedTasksAreRead(String name, int examples, String kind) {
    Task task = TaskFile.read(SharedFiles.data("tasks/" + name + ".jsonl"));
    assertThat(task.name()).isEqualTo(name);
    assertThat(task.examples())
        .hasSize(examples)
        .allSatisfy(example -> assertThat(example.getClass().getSimpleName()).isEqualTo(kind));
  }

  @Test
  void aQuestionBecomesThePromptOfTheHarness() throws IOException {
    assertThat(only("{'query': 'Question: Why?\\n', 'choices': ['a', 'b'], 'gold': 1}"))
        .isEqualTo(new MultipleChoice("Question: Why?\nAnswer:", List.of("a", "b"), 1));
    assertThat(only("{'query': 'Question: Why?', 'choices': ['a', 'b'], 'gold': 0}"))
        .isEqualTo(new MultipleChoice("Question: Why?\nAnswer:", List.of("a", "b"), 0));
  }

  @Test
  void aPassageBecomesThePromptOfTheHarness() throws IOException {
    assertThat(
            only(
                "{'query': 'Passage: It is.\\nQuestion: is it?', 'choices': ['no', 'yes'], 'gold': 1}"))
        .isEqualTo(
            new MultipleChoice("It is.\nQuestion: is it?\nAnswer:", List.of("no", "yes"), 1));
  }

  @Test
  void aPremiseBecomesThePromptOfTheHarness() throws IOException {
    assertThat(only("{'query': 'He ran, she, because', 'choices': ['a', 'b'], 'gold': 0}"))
        .isEqualTo(new MultipleChoice("He ran, she because", List.of("a", "b"), 0));
    assertThat(only("{'query': 'He ran, therefore', 'choices': ['a', 'b'], 'gold': 0}"))
        .isEqualTo(new MultipleChoice("He ran therefore", List.of("a", "b"), 0));
  }

  @Test
  void clozeAndPartialChoiceAreTakenAsTheyAre() throws IOException {
    assertThat(only("{'context': 'the', 'continuation': 'end', 'more': 1}\n\n"))
        .isEqualTo(new Cloze("the", "end"));
    assertThat(only("{'context_options': ['x', 'y'], 'continuation': 'end', 'gold': 1}"))
        .isEqualTo(new PartialChoice(List.of("x", "y"), "end", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 1}|line 2 is no known task: expected are the fields query, choices, gold",
        "{'context': 'a'|line 2 is not valid JSON",
        "{'context': 'a', 'context': 'a'}|line 2 is not valid JSON",
        "{'context': 'a', 'continuation': 'b'} x|line 2 is not valid JSON",
        "[1]|line 2 is not a JSON object",
        "{'context': 'a'}|line 2: the field continuation is missing",
        "{'context': 'a', 'continuation': ' '}|line 2: the field continuation must be a text",
        "{'context': 1, 'continuation': 'b'}|line 2: the field context must be a text",
        "{'query': 'a', 'gold': 1}|line 2: the field choices is missing",
        "{'choices': ['a', 'b'], 'gold': 1}|line 2: the field query is missing",
        "{'query': 'a', 'choices': ['a'], 'gold': 0}|line 2: the field choices must be a list of at",
        "{'query': 'a', 'choices': ['a', 2], 'gold': 0}|line 2: the field choices must be a text",
        "{'query': 'a', 'choices': ['a', 'b']}|line 2: the field gold is missing",
        "{'query': 'a', 'choices': ['a', 'b'], 'gold': 2}|line 2: the field gold must be the number",
        "{'query': 'a', 'choices': ['a', 'b'], 'gold': -1}|line 2: the field gold must be the",
        "{'query': 'a', 'choices': ['a', 'b'], 'gold': 0.5}|line 2: the field gold must be the",
        "{'context_options': ['a', 'b'], 'gold': 0}|line 2: the field continuation is missing",
        "{'query': 'a', 'choices': ['a', 'b'], 'gold': 0}|examples of different kinds",
      })
  void aBadLineIsNamed(String line, String message) throws IOException {
    Path file = file("{'context': 'the', 'continuation': 'end'}\n" + line + "\n");
    assertThatThrownBy(() -> TaskFile.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("task.jsonl")
        .message()
        .hasLineCount(1);
  }

  @Test
  void aFileWithoutExamplesIsRefused() throws IOException {
    Path empty = file("\n \n");
    assertThatThrownBy(() -> TaskFile.read(empty))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is empty");
    assertThatThrownBy(() -> TaskFile.read(folder.resolve("none")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no such file");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 10});
    assertThatThrownBy(() -> TaskFile.read(binary))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is not UTF-8");
    assertThatThrownBy(() -> TaskFile.read(folder)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void aLimitTakesExamplesEvenly() {
    List<Example> examples =
        IntStream.range(0, 10).mapToObj(i -> (Example) new Cloze("c", "w" + i)).toList();
    Task task = new Task("t", examples);
    assertThat(task.limited(3).examples())
        .containsExactly(examples.get(0), examples.get(3), examples.get(6));
    assertThat(task.limited(5).examples())
        .containsExactly(
            examples.get(0), examples.get(2), examples.get(4), examples.get(6), examples.get(8));
    assertThat(task.limited(10)).isEqualTo(task);
    assertThat(task.limited(11)).isEqualTo(task);
    assertThatThrownBy(() -> task.limited(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
