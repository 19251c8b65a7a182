package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTextTest {

  private static final int CONTEXT = 10;

  /** Ten windows of ten tokens. */
  private static final List<TokenSequence> TEXT = List.of(TokenSequence.of(new int[100]));

  private static final List<Window> ALL = Windows.cut(TEXT, CONTEXT);

  private static EvaluationText of(List<Window> candidates, List<Window> seen, long tokens) {
    return EvaluationText.of("text", TEXT, candidates, seen, tokens);
  }

  @Test
  void isTheEndOfWhatWasNotSeen() {
    List<Window> seen = List.of(ALL.get(0), ALL.get(8));
    EvaluationText text = of(ALL, seen, 30);
    assertThat(text.heldOut()).isTrue();
    assertThat(text.windows()).containsExactly(ALL.get(6), ALL.get(7), ALL.get(9));
  }

  @Test
  void oneWindowIsTakenEvenIfItIsLongerThanTheLimit() {
    assertThat(of(ALL, List.of(), 1).windows()).containsExactly(ALL.get(9));
  }

  @Test
  void aTextThatWasSeenWholeIsUsedAndSaidToBeSeen() {
    EvaluationText text = of(ALL, ALL, 20);
    assertThat(text.heldOut()).isFalse();
    assertThat(text.windows()).containsExactly(ALL.get(8), ALL.get(9));
  }

  @Test
  void windowsThatWereLearntFromAreNoCandidates() {
    List<Window> end = ALL.subList(7, 10);
    List<Window> seen = new ArrayList<>(ALL.subList(0, 9));
    assertThat(of(end, seen, 100).windows()).containsExactly(ALL.get(9));
  }
}
