package io.karipap.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosestNamesTest {

  @ParameterizedTest
  @CsvSource({"kitten, sitting, 3", "'', abc, 3", "abc, '', 3", "flaw, lawn, 2", "same, same, 0"})
  void distanceIsThePublishedOne(String a, String b, int distance) {
    assertThat(ClosestNames.distance(a, b)).isEqualTo(distance);
  }

  /** Against the recursive definition. */
  @Test
  void distanceIsTheLeastNumberOfEdits() {
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      String a = word(random);
      String b = word(random);
      assertThat(ClosestNames.distance(a, b)).as("%s, %s", a, b).isEqualTo(recursive(a, b));
    }
  }

  private static String word(Random random) {
    return random
        .ints(random.nextInt(6), 'a', 'd')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static int recursive(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.length() + b.length();
    }
    String c = a.substring(1);
    String d = b.substring(1);
    int replaced = recursive(c, d) + (a.charAt(0) == b.charAt(0) ? 0 : 1);
    return Math.min(replaced, 1 + Math.min(recursive(c, b), recursive(a, d)));
  }

  @Test
  void theHintNamesTheThreeClosest() {
    assertThat(ClosestNames.hint("up_proj", List.of("down_proj", "q_proj", "up_prj", "norm")))
        .isEqualTo("; the closest names are 'up_prj', 'q_proj', 'down_proj'");
    assertThat(ClosestNames.hint("a", List.of())).isEqualTo("; it is empty");
  }
}
