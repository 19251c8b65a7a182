package io.karipap.checkpoint.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopSequencesTest {

  @Test
  void theTextEndsBeforeTheFirstStopSequenceHoweverItIsCut() {
    Random random = new Random(5);
    for (int run = 0; run < 2000; run++) {
      String text = word(random, 12);
      List<String> stops = List.of(word(random, 3), word(random, 4));
      int end = stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
      StopSequences sequences = new StopSequences(stops);
      StringBuilder shown = new StringBuilder();
      for (int at = 0; at < text.length(); ) {
        int next = Math.min(text.length(), at + 1 + random.nextInt(3));
        shown.append(sequences.add(text.substring(at, next)));
        at = next;
      }
      shown.append(sequences.flush());
      assertThat(sequences.stopped()).isEqualTo(end >= 0);
      assertThat(shown.toString())
          .as("%s without %s", text, stops)
          .isEqualTo(end < 0 ? text : text.substring(0, end));
    }
  }

  private static String word(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(2)));
    }
    return word.toString();
  }

  @Test
  void whatCannotBeginAStopSequenceIsShownAtOnce() {
    StopSequences sequences = new StopSequences(List.of("###"));
    assertThat(sequences.add("a#")).isEqualTo("a");
    assertThat(sequences.add("#b")).isEqualTo("##b");
    assertThat(sequences.add("##")).isEmpty();
    assertThat(sequences.flush()).isEqualTo("##");
  }

  @Test
  void withoutStopSequencesNothingIsHeldBack() {
    assertThat(new StopSequences(List.of()).add("all of it")).isEqualTo("all of it");
  }

  @Test
  void anEmptyStopSequenceIsRefused() {
    assertThatThrownBy(() -> new StopSequences(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }
}
