package io.karipap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.SharedTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A published model through the facade, against its published text and loss. */
class LanguageModelTest {

  private static final GenerationOptions GREEDY = GenerationOptions.standard().withTemperature(0);
  private static final LanguageModel MODEL = LanguageModel.open(SharedTexts.STORIES);

  @AfterAll
  static void close() {
    MODEL.close();
  }

  @Test
  void greedyTextIsThePublishedOne() throws IOException {
    Path published = SharedTexts.STORIES.resolve("../../reference/stories260K-greedy.txt");
    Generation generation = MODEL.generate("", 200, GREEDY);
    assertThat(generation.text().strip()).isEqualTo(Files.readString(published).strip());
    assertThat(generation.tokens()).isEqualTo(200);
  }

  @Test
  void piecesAreMadeWhenTheyAreAskedFor() {
    try (Generation generation = MODEL.generate("Once upon a", 50, GREEDY)) {
      Iterator<String> pieces = generation.iterator();
      assertThat(generation.tokens()).isZero();
      assertThat(pieces.next()).startsWith(" t");
      assertThat(generation.tokens()).isLessThan(5);
    }
  }

  @Test
  void twoGenerationsOfOneModelDoNotDisturbEachOther() {
    String first = MODEL.generate("The dog", 20, GREEDY).text();
    String second = MODEL.generate("Lily", 20, GREEDY).text();
    Iterator<String> one = MODEL.generate("The dog", 20, GREEDY).iterator();
    Iterator<String> other = MODEL.generate("Lily", 20, GREEDY).iterator();
    StringBuilder text = new StringBuilder();
    StringBuilder otherText = new StringBuilder();
    while (one.hasNext() || other.hasNext()) {
      if (one.hasNext()) {
        text.append(one.next());
      }
      if (other.hasNext()) {
        otherText.append(other.next());
      }
    }
    assertThat(text.toString()).isEqualTo(first);
    assertThat(otherText.toString()).isEqualTo(second);
  }

  @Test
  void theSeedFixesTheText() {
    GenerationOptions options = GenerationOptions.standard().withTemperature(1).withSeed(7);
    String text = MODEL.generate("The", 30, options).text();
    assertThat(MODEL.generate("The", 30, options).text()).isEqualTo(text);
    assertThat(MODEL.generate("The", 30, options.withSeed(8)).text()).isNotEqualTo(text);
  }

  @Test
  void theTextEndsBeforeAStopSequence() {
    String whole = MODEL.generate("Once upon a time", 60, GREEDY).text();
    String stop = whole.substring(20, 26);
    assertThat(MODEL.generate("Once upon a time", 60, GREEDY.withStop(stop)).text())
        .isEqualTo(whole.substring(0, whole.indexOf(stop)));
  }

  @Test
  void streamsEndWhereTheyAreLimited() {
    List<String> all = new ArrayList<>();
    MODEL.generate("Once", 20, GREEDY).forEach(all::add);
    assertThat(MODEL.generate("Once", 20, GREEDY).stream().limit(3)).isEqualTo(all.subList(0, 3));
  }

  @Test
  void theLossIsTheMeanOverTheTokensOfTheText() {
    // a document alone, and two beside each other: sums of their tokens' losses
    String one = "Once upon a time there was a dog.";
    String other = "The sun is up and Tom goes to the park with his mom.";
    double[] losses = {MODEL.loss(one), MODEL.loss(other)};
    double both = MODEL.loss(one + "<|endoftext|>" + other);
    assertThat(both)
        .isBetween(Math.min(losses[0], losses[1]), Math.max(losses[0], losses[1]))
        .isNotCloseTo(losses[0], within(1e-3))
        .isNotCloseTo(losses[1], within(1e-3));
    assertThat(MODEL.loss("park the his goes mom is to sun up Tom with and The."))
        .isGreaterThan(both);
  }

  @Test
  void inputThatCannotBeContinuedIsNamed() {
    assertThatThrownBy(() -> MODEL.generate("a", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("`tokens` must be at least 1, not 0");
    assertThatThrownBy(() -> MODEL.loss(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no token to predict");
    assertThatThrownBy(() -> LanguageModel.open(Path.of("nowhere")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> GREEDY.withTopP(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("`topP` must be above 0 and at most 1, not 0.0");
  }

  @Test
  void aClosedModelSaysSo() {
    LanguageModel model = LanguageModel.open(SharedTexts.STORIES);
    assertThat(model.parameters()).isEqualTo(MODEL.parameters()).isGreaterThan(250_000);
    Iterator<String> unfinished = model.generate("Once", 10, GREEDY).iterator();
    assertThat(unfinished.next()).isNotEmpty();
    model.close();
    model.close(); // as often as one likes
    assertThatThrownBy(unfinished::hasNext)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> model.generate("Once", 10))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
