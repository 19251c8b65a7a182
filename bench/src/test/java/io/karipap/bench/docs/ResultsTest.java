package io.karipap.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's figures are those of docs/paper.md, which a command printed. */
class ResultsTest {

  private static final String PAPER = Pages.section("docs/paper.md", "Measured: the bundled model");
  private static final List<List<String>> STORIES = Pages.table(PAPER, 0);
  private static final List<List<String>> BOOKS = Pages.table(PAPER, 1);

  @Test
  void everyRowOfTheTableIsARowOfThePaper() {
    List<List<String>> table = Pages.table(Pages.section("README.md", "Results"), 0);
    assertThat(table.getFirst())
        .containsExactly(
            "model",
            "bytes",
            "compression ratio",
            "perplexity",
            "top-1",
            "KL",
            "books: top-1",
            "books: KL");
    double original = number(STORIES.get(1).get(1));
    assertThat(table).hasSizeGreaterThan(4);
    for (List<String> row : table.subList(1, table.size())) {
      String label = row.getFirst().replace("*", "");
      double ratio = original / number(row.get(1));
      assertThat(row)
          .as(label)
          .containsExactly(
              row.getFirst(),
              cell(STORIES, label, "bytes"),
              ratio == 1 ? "1" : String.format(Locale.ROOT, "%.1f", ratio),
              cell(STORIES, label, "perplexity"),
              cell(STORIES, label, "top-1"),
              cell(STORIES, label, "KL"),
              cell(BOOKS, label, "top-1"),
              cell(BOOKS, label, "KL"));
    }
  }

  /** Figures in sentences: shares, and numbers with a point or commas. */
  @Test
  void everyFigureInASentenceStandsInThePaper() {
    String paper = Pages.text("docs/paper.md");
    String sentences =
        (Pages.section("README.md", "Results") + Pages.section("README.md", "Limits"))
            .replaceAll("(?m)^\\|.*$", "");
    List<String> figures =
        Pattern.compile("\\d[\\d,.]*[.,]\\d+(?: %)?|\\d+ %")
            .matcher(sentences)
            .results()
            .map(match -> match.group())
            .toList();
    assertThat(figures)
        .hasSizeGreaterThan(5)
        .allMatch(figure ->
            Pattern.compile("(?<![\\d.,])" + Pattern.quote(figure) + "(?![\\d])")
                .matcher(paper)
                .find());
  }

  /** A cell of a row without its standard error. */
  private static String cell(List<List<String>> table, String label, String column) {
    int index = table.getFirst().indexOf(column);
    List<String> row =
        table.stream()
            .filter(cells -> cells.getFirst().equals(label))
            .findFirst()
            .orElseThrow(() -> new AssertionError("docs/paper.md has no row '" + label + "'"));
    return row.get(index).replaceFirst(" ± [\\d.]+", "");
  }

  private static double number(String cell) {
    return Double.parseDouble(cell.replace(",", ""));
  }
}
