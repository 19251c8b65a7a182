package io.karipap.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.testing.SharedFiles;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuationTest {

  private static final String STORY = "Once upon a time, there was a little girl named";

  private static Tokenizer tokenizer(String model) {
    return Tokenizer.open(
        SharedFiles.model(model),
        LlamaConfig.read(SharedFiles.model(model).resolve("config.json")).model());
  }

  private static int[] ids(Continuation continuation) {
    return Arrays.stream(continuation.ids().slice(0, continuation.ids().size()))
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  private static int[] bosAnd(Tokenizer tokenizer, int[] ids) {
    return IntStream.concat(tokenizer.bos().stream(), IntStream.of(ids)).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K"})
  void predictedIsTheWordWithItsSpace(String model) {
    try (Tokenizer tokenizer = tokenizer(model)) {
      Continuation continuation = Continuation.encode(tokenizer, STORY, " Lily", 200);
      int[] ids = ids(continuation);
      assertThat(ids).isEqualTo(bosAnd(tokenizer, tokenizer.encode(STORY + " Lily")));
      int given = ids.length - continuation.predicted();
      assertThat(tokenizer.decode(Arrays.copyOf(ids, given))).isEqualTo(STORY);
      assertThat(tokenizer.decode(ids)).isEqualTo(STORY + " Lily");
      assertThat(continuation.isCut()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K", "tinystories656K"})
  void whiteSpaceBeforeTheContinuationIsPredicted(String model) {
    try (Tokenizer tokenizer = tokenizer(model)) {
      Continuation inContext = Continuation.encode(tokenizer, STORY + " \n", "Lily", 200);
      Continuation inFollowing = Continuation.encode(tokenizer, STORY, " \nLily", 200);
      assertThat(ids(inContext)).isEqualTo(ids(inFollowing));
      assertThat(inContext.predicted()).isEqualTo(inFollowing.predicted());
    }
  }

  @Test
  void aTokenAcrossTheBorderCountsAsContext() {
    try (Tokenizer tokenizer = tokenizer("tiny1m")) {
      // the word's tokens are those of the whole text, not of its halves
      String[] halves = {"Once upon a ti", "me, there"};
      int[] whole = bosAnd(tokenizer, tokenizer.encode(halves[0] + halves[1]));
      int context = bosAnd(tokenizer, tokenizer.encode(halves[0])).length;
      Continuation continuation = Continuation.encode(tokenizer, halves[0], halves[1], 200);
      assertThat(ids(continuation)).isEqualTo(whole);
      assertThat(continuation.predicted()).isEqualTo(whole.length - context);
      int apart = context + tokenizer.encode(halves[1]).length;
      assertThat(whole.length).isLessThan(apart);
    }
  }

  @Test
  void whereTheBorderLeavesNoTokenThoseOfTheWholeTextThatDifferArePredicted() {
    try (Tokenizer tokenizer = tokenizer("tinystories656K")) {
      // this tokenizer's tokens end with spaces: those of the name begin before it
      int[] whole = bosAnd(tokenizer, tokenizer.encode(STORY + " Lily"));
      int[] alone = bosAnd(tokenizer, tokenizer.encode(STORY));
      assertThat(whole.length).isLessThanOrEqualTo(alone.length);
      Continuation continuation = Continuation.encode(tokenizer, STORY, " Lily", 200);
      assertThat(ids(continuation)).isEqualTo(whole);
      int given = whole.length - continuation.predicted();
      assertThat(Arrays.copyOf(whole, given)).isEqualTo(Arrays.copyOf(alone, given));
      assertThat(whole[given]).isNotEqualTo(alone[given]);
    }
  }

  @Test
  void whatIsTooLongLosesItsBeginning() {
    try (Tokenizer tokenizer = tokenizer("tiny1m")) {
      int[] whole = bosAnd(tokenizer, tokenizer.encode(STORY + " Lily"));
      int predicted = Continuation.encode(tokenizer, STORY, " Lily", 200).predicted();
      for (int longest = 1; longest < whole.length + 2; longest++) {
        Continuation continuation = Continuation.encode(tokenizer, STORY, " Lily", longest);
        // the last token is only predicted, so that one more than the context is kept
        int kept = Math.min(whole.length, longest + 1);
        assertThat(ids(continuation))
            .isEqualTo(Arrays.copyOfRange(whole, whole.length - kept, whole.length));
        assertThat(continuation.predicted()).isEqualTo(Math.min(predicted, longest));
        assertThat(continuation.isCut()).isEqualTo(kept < whole.length);
      }
    }
  }

  @Test
  void nothingToPredictIsRefused() {
    try (Tokenizer tokenizer = tokenizer("tiny1m")) {
      assertThatThrownBy(() -> Continuation.encode(tokenizer, STORY, "", 200))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nothing is left to predict");
    }
  }
}
