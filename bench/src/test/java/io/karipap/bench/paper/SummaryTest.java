package io.karipap.bench.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.bench.paper.Comparison.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {

  private static final RowMetrics TWO_BITS =
      Rows.row("GPTQ, 2 bit", Method.GPTQ, false, 1000, 400, 4, 4, 0.2);
  private static final RowMetrics FOUR_BITS =
      Rows.row("GPTQ, 4 bit", Method.GPTQ, false, 1000, 800, 1, 1, 0.4);

  /** Half-way between ln 4 and ln 1 the hull is 2. */
  @Test
  void theHullIsTheGeometricMeanOfItsCorners() {
    Verdict verdict = verdict(1.5, 1.7);
    assertThat(verdict.hull()).isCloseTo(2, within(1e-12));
    assertThat(verdict.difference()).isCloseTo(Math.log(1.6 / 2), within(1e-12));
    assertThat(verdict.corners()).containsExactly(TWO_BITS, FOUR_BITS);
    // two blocks: leaving one out leaves the other, and half of the range is the error
    assertThat(verdict.standardError())
        .isCloseTo(0.5 * (Math.log(1.7) - Math.log(1.5)), within(1e-12));
  }

  @Test
  void onTheHullIsWhatTwoErrorsDoNotTellFromIt() {
    assertThat(verdict(1.5, 1.7)).matches(Verdict::isBelow).matches(Verdict::isOnOrBelow);
    assertThat(verdict(1.2, 2.9)).matches(v -> !v.isBelow()).matches(Verdict::isOnOrBelow);
    assertThat(verdict(1.5, 3.0)).matches(v -> !v.isBelow()).matches(Verdict::isOnOrBelow);
    assertThat(verdict(2.4, 2.5)).matches(v -> !v.isBelow()).matches(v -> !v.isOnOrBelow());
  }

  private static Verdict verdict(double first, double second) {
    List<Verdict> verdicts =
        Summary.COMPARISONS
            .getFirst()
            .verdicts(List.of(Rows.ORIGINAL, TWO_BITS, FOUR_BITS, planner(600, first, second)), 0);
    assertThat(verdicts).hasSize(1);
    return verdicts.getFirst();
  }

  private static RowMetrics planner(long bytes, double first, double second) {
    return Rows.row("planner", Method.PLANNER, false, 300, bytes, first, second, 0.3);
  }

  @Test
  void healedReferencesAreForHealedRowsOnly() {
    RowMetrics healed = Rows.row("GPTQ, healed", Method.GPTQ, true, 1000, 500, 0.1, 0.1, 0.49);
    List<RowMetrics> rows = List.of(Rows.ORIGINAL, TWO_BITS, FOUR_BITS, healed);
    Comparison comparison = Summary.COMPARISONS.getFirst();
    assertThat(comparison.hull(rows, 0, false).points())
        .extracting(Hull.Point::index)
        .containsExactly(1, 2);
    assertThat(comparison.hull(rows, 0, true).points())
        .extracting(Hull.Point::index)
        .containsExactly(1, 3);
  }

  @Test
  void sentencesSayWhatTheFiguresSay() {
    RowMetrics healed =
        Rows.row("low rank 30 %, healed", Method.LOW_RANK, true, 300, 1200, 0.2, 0.2, 0.49);
    RowMetrics weak = Rows.row("MPO 30 %, healed", Method.MPO, true, 300, 1200, 0.9, 0.9, 0.4);
    List<String> sentences =
        Summary.of(
            List.of(Rows.ORIGINAL, TWO_BITS, FOUR_BITS, healed, weak, planner(600, 1.5, 1.7)));
    assertThat(sentences)
        .anyMatch(s -> s.startsWith("On stories, by bytes, 1 of 1 rows of planner lie on or below"))
        .anyMatch(s ->
            s.startsWith("At 15.0 % of the bytes, planner diverges by 1.600 nats per token")
                && s.contains("the hull (GPTQ, 2 bit; GPTQ, 4 bit) by 2.000: below it, -20.0 %")
                && s.contains("The nearest quantization, GPTQ, 4 bit (20.0 %), diverges by 1.000"))
        .anyMatch(s ->
            s.startsWith("Healed, low rank comes within 3 % of the original's top-1 on stories")
                && s.contains("30.0 % of the parameters, 30.0 % of the bytes, 98.0"))
        .anyMatch(s -> s.startsWith("Healed, MPO does not come within 3 %"));
  }

  @Test
  void whatIsSmallerThanAllOthersHasNothingAboveIt() {
    List<String> sentences = Summary.of(List.of(Rows.ORIGINAL, TWO_BITS, planner(200, 5, 5)));
    assertThat(sentences).anyMatch(s -> s.contains("no other method is that small"));
  }
}
