package io.karipap.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.text.TextMixture.Source;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextMixtureTest {

  /** A text whose tokens are their own places: a window says where it was cut. */
  private static Source places(int from, int size, double weight) {
    return new Source(TokenSequence.of(IntStream.range(from, from + size).toArray()), weight);
  }

  @Test
  void windowsArePiecesOfTheText() {
    TextMixture mixture = new TextMixture(List.of(places(0, 100, 1)), 7, 1);
    for (int i = 0; i < 100; i++) {
      long[] window = mixture.next();
      assertThat(window).hasSize(7);
      for (int j = 1; j < 7; j++) {
        assertThat(window[j]).isEqualTo(window[0] + j);
      }
    }
  }

  @Test
  void everyWindowComesOnceBeforeAnyComesAgain() {
    TextMixture mixture = new TextMixture(List.of(places(0, 100, 1)), 7, 2);
    Set<Long> offsets = new HashSet<>();
    for (int round = 0; round < 20; round++) {
      long first = mixture.next()[0];
      long offset = first % 7;
      Set<Long> starts = new HashSet<>(Set.of(first));
      int windows = (int) (100 - offset) / 7;
      for (int i = 1; i < windows; i++) {
        starts.add(mixture.next()[0]);
      }
      Set<Long> all = new HashSet<>();
      for (long start = offset; start + 7 <= 100; start += 7) {
        all.add(start);
      }
      assertThat(starts).isEqualTo(all);
      offsets.add(offset);
    }
    assertThat(offsets).hasSizeGreaterThan(4); // cut anew each time
  }

  @Test
  void everyOrderIsAsLikelyAsAnyOther() {
    // 19 tokens hold three windows of 5, wherever the first is cut
    TextMixture mixture = new TextMixture(List.of(places(0, 19, 1)), 5, 4);
    Map<List<Long>, Integer> orders = new HashMap<>();
    for (int round = 0; round < 6000; round++) {
      List<Long> order = Stream.generate(() -> mixture.next()[0] / 5).limit(3).toList();
      orders.merge(order, 1, Integer::sum);
    }
    // four standard deviations of a binomial with p = 1/6
    assertThat(orders).hasSize(6);
    assertThat(orders.values()).allSatisfy(n -> assertThat(n).isCloseTo(1000, within(116)));
  }

  @Test
  void textsComeByTheirWeights() {
    TextMixture mixture =
        new TextMixture(
            List.of(
                places(0, 100, 1), places(1000, 300, 6), places(2000, 50, 0), places(3000, 20, 3)),
            5,
            3);
    int[] counts = new int[4];
    int n = 10_000;
    for (int i = 0; i < n; i++) {
      counts[(int) (mixture.next()[0] / 1000)]++;
    }
    // four standard deviations of a binomial
    assertThat(counts[0]).isCloseTo(n / 10, within(120));
    assertThat(counts[1]).isCloseTo(n * 6 / 10, within(196));
    assertThat(counts[2]).isZero();
    assertThat(counts[3]).isCloseTo(n * 3 / 10, within(184));
  }

  @Test
  void skippingIsReadingOn() {
    List<Source> sources = List.of(places(0, 60, 2), places(1000, 90, 1));
    TextMixture read = new TextMixture(sources, 4, 5);
    for (int i = 0; i < 137; i++) {
      var _ = read.next();
    }
    TextMixture skipped = new TextMixture(sources, 4, 5);
    skipped.skip(137);
    for (int i = 0; i < 50; i++) {
      assertThat(skipped.next()).isEqualTo(read.next());
    }
  }

  @Test
  void theSeedDecidesTheOrder() {
    List<Source> sources = List.of(places(0, 400, 1));
    TextMixture a = new TextMixture(sources, 4, 8);
    TextMixture b = new TextMixture(sources, 4, 9);
    long same = IntStream.range(0, 90).filter(_ -> a.next()[0] == b.next()[0]).count();
    assertThat(same).isLessThan(10);
  }

  @Test
  void aTextShorterThanTwoWindowsIsRefused() {
    List<Source> sources = List.of(places(0, 100, 1), places(0, 13, 1));
    assertThatThrownBy(() -> new TextMixture(sources, 7, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("13 tokens");
    assertThat(new TextMixture(List.of(places(0, 14, 1)), 7, 1).next()).hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void weightsThatAreNoSharesAreRefused(double weight) {
    List<Source> sources = List.of(places(0, 100, weight));
    assertThatThrownBy(() -> new TextMixture(sources, 7, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weights");
    assertThatThrownBy(() -> new TextMixture(List.of(), 7, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
