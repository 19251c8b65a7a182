package io.karipap.model.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.model.evaluate.Likelihood;
import io.karipap.model.task.Example.Cloze;
import io.karipap.model.task.Example.MultipleChoice;
import io.karipap.model.task.Example.Outcome;
import io.karipap.model.task.Example.PartialChoice;
import io.karipap.model.task.Example.Request;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ExampleTest {

  private static List<Likelihood> logarithms(double... values) {
    return Arrays.stream(values).mapToObj(x -> new Likelihood(x, false)).toList();
  }

  private static Outcome choice(boolean byLikelihood, boolean byLength) {
    return new Outcome(byLikelihood, Optional.of(byLength), OptionalDouble.empty());
  }

  @Test
  void aWordIsRightIfItIsTheGreedyOne() {
    Cloze cloze = new Cloze("the", "end");
    assertThat(cloze.requests()).containsExactly(new Request("the", " end"));
    assertThat(cloze.outcome(List.of(new Likelihood(-3, true))))
        .isEqualTo(new Outcome(true, Optional.empty(), OptionalDouble.of(-3)));
    assertThat(cloze.outcome(List.of(new Likelihood(-0.1, false))).isRight()).isFalse();
  }

  @Test
  void aWordThatStartsWithALineFeedGetsNoSpace() {
    assertThat(new Cloze("the", "\n\nend").requests())
        .containsExactly(new Request("the", "\n\nend"));
  }

  @Test
  void theLikeliestAnswerIsChosenWithAndWithoutItsLength() {
    MultipleChoice example = new MultipleChoice("q", List.of("ab", "abcd"), 1);
    assertThat(example.requests())
        .containsExactly(new Request("q", " ab"), new Request("q", " abcd"));
    // -4 / 2 = -2 is less than -6 / 4 = -1.5
    assertThat(example.outcome(logarithms(-4, -6))).isEqualTo(choice(false, true));
    assertThat(example.outcome(logarithms(-4, -3))).isEqualTo(choice(true, true));
    assertThat(example.outcome(logarithms(-4, -9))).isEqualTo(choice(false, false));
  }

  @Test
  void lengthIsInCharactersNotInUnitsOfUtf16OrUtf8() {
    MultipleChoice example = new MultipleChoice("q", List.of("🙂🙂", "abc"), 1);
    // -4 / 2 < -4.5 / 3; with 4 units or 8 bytes it would be the other way round
    assertThat(example.outcome(logarithms(-4, -4.5))).isEqualTo(choice(false, true));
  }

  @Test
  void theFirstOfEqualsIsChosen() {
    for (int gold = 0; gold < 3; gold++) {
      MultipleChoice example = new MultipleChoice("q", List.of("a", "b", "c"), gold);
      assertThat(example.outcome(logarithms(-2, -1, -1))).isEqualTo(choice(gold == 1, gold == 1));
    }
  }

  @Test
  void partialChoiceScoresTheSameEndAfterEachBeginning() {
    PartialChoice example = new PartialChoice(List.of("so Ann", "so Eve"), "won.", 1);
    assertThat(example.requests())
        .containsExactly(new Request("so Ann", " won."), new Request("so Eve", " won."));
    Outcome right = new Outcome(true, Optional.empty(), OptionalDouble.empty());
    assertThat(example.outcome(logarithms(-2, -1))).isEqualTo(right);
    assertThat(example.outcome(logarithms(-1, -2)).isRight()).isFalse();
  }
}
