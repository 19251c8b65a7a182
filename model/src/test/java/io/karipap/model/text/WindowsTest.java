package io.karipap.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowsTest {

  private static TokenSequence document(int from, int size) {
    return TokenSequence.of(IntStream.range(from, from + size).toArray());
  }

  @Test
  void cutsEachDocumentOnItsOwnAndLeavesOutASingleLastToken() {
    List<TokenSequence> documents =
        List.of(document(0, 10), document(0, 9), document(0, 1), document(0, 0), document(0, 2));
    assertThat(Windows.cut(documents, 4))
        .containsExactly(
            new Window(0, 0, 4),
            new Window(0, 4, 4),
            new Window(0, 8, 2),
            new Window(1, 0, 4),
            new Window(1, 4, 4),
            new Window(4, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0, -5})
  void windowsThatCannotPredictAnythingAreRefused(int context) {
    List<TokenSequence> documents = List.of(document(0, 10));
    assertThatThrownBy(() -> Windows.cut(documents, context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 tokens");
  }

  @Test
  void spreadTakesWindowsEvenlyUpToTheNumberOfTokens() {
    List<Window> windows = Windows.cut(List.of(document(0, 1000)), 10);
    List<Window> chosen = Windows.spread(windows, 250);
    assertThat(chosen.stream().mapToInt(Window::length).sum()).isBetween(230, 260);
    for (int quarter = 0; quarter < 4; quarter++) {
      int from = quarter * 250;
      assertThat(chosen.stream().filter(w -> w.start() >= from && w.start() < from + 250).count())
          .isBetween(5L, 8L);
    }
    assertThat(Windows.spread(windows, 5000)).isEqualTo(windows);
    assertThat(Windows.spread(windows, 1)).hasSize(1);
    assertThat(Windows.spread(List.of(), 10)).isEmpty();
  }

  @Test
  void batchesHoldEveryWindowOnceWithinTheirTokens() {
    List<TokenSequence> documents =
        IntStream.range(2, 40).mapToObj(size -> document(0, size)).toList();
    List<Window> windows = Windows.cut(documents, 16);
    List<List<Window>> batches = Windows.batches(windows, 50);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(windows);
    for (List<Window> batch : batches) {
      int longest = batch.stream().mapToInt(Window::length).max().orElseThrow();
      assertThat(batch.size() * longest).isLessThanOrEqualTo(50);
    }
    assertThat(Windows.batches(windows, 3)).allMatch(b -> b.size() == 1 || b.size() * 2 <= 3);
  }

  @Test
  void batchesWithoutPaddingHoldWindowsOfOneLength() {
    List<TokenSequence> documents =
        IntStream.range(2, 40).mapToObj(size -> document(0, size)).toList();
    List<Window> windows = Windows.cut(documents, 16);
    List<List<Window>> batches = Windows.unpadded(windows, 50);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(windows);
    for (List<Window> batch : batches) {
      assertThat(batch.stream().mapToInt(Window::length).distinct().count()).isEqualTo(1);
      assertThat(batch.size() * batch.getFirst().length()).isLessThanOrEqualTo(50);
    }
  }

  @Test
  void shorterWindowsOfABatchArePaddedBehindTheirEnd() {
    try (var _ = new TensorScope()) {
      List<TokenSequence> documents = List.of(document(10, 5), document(20, 9));
      var ids = Windows.ids(documents, List.of(new Window(1, 3, 4), new Window(0, 1, 2)));
      assertThat(ids.shape()).containsExactly(2, 4);
      assertThat(ids.toLongs()).containsExactly(23, 24, 25, 26, 11, 12, 0, 0);
    }
  }
}
