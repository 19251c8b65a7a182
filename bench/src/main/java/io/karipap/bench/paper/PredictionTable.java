package io.karipap.bench.paper;

import io.karipap.bench.paper.RowMetrics.Block;
import io.karipap.bench.paper.RowMetrics.Speed;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the first table of predictions in a page of Markdown, as {@link PaperTable} prints it: the
 * sizes of the rows and their figures on one text. Tasks and speed are in other tables, and are
 * left out.
 */
final class PredictionTable {

  private static final Pattern TITLE =
      Pattern.compile("(?m)^(?:\\*\\*|## )Prediction: (.+), ([\\d,]+) tokens");

  private static final Speed NOT_READ =
      new Speed(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  private PredictionTable() {}

  /**
   * The rows, the original first.
   *
   * @throws IllegalArgumentException if there is no such table, or a row is not understood
   */
  static List<RowMetrics> read(String markdown) {
    Matcher title = TITLE.matcher(markdown);
    require(title.find(), "there is no table 'Prediction: TEXT, N tokens'");
    List<String> lines =
        markdown
            .substring(title.end())
            .lines()
            .dropWhile(line -> !line.startsWith("|"))
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    require(
        lines.size() > 2 && lines.getFirst().startsWith("| row | bytes |"),
        "the table of predictions has no rows");
    List<RowMetrics> rows = new ArrayList<>();
    for (String line : lines.subList(2, lines.size())) {
      rows.add(row(line, title.group(1), (long) number(title.group(2))));
    }
    require(
        rows.getFirst().method() == Method.ORIGINAL, "the table's first row is not the original");
    return List.copyOf(rows);
  }

  /**
   * One line: {@code | row | bytes | of float32 | parameters | kept | perplexity | bits per byte |
   * KL | top-1 | of the original's | agreement |}.
   */
  private static RowMetrics row(String line, String text, long tokens) {
    List<String> cells =
        Arrays.stream(line.split("\\|", -1)).map(String::strip).filter(c -> !c.isEmpty()).toList();
    require(cells.size() == 11, "a row of a table of predictions has 11 cells, not " + cells);
    String label = cells.getFirst();
    double loss = Math.log(number(cells.get(5)));
    Block all =
        new Block(
            tokens,
            loss,
            number(cells.get(8)) / 100,
            number(cells.get(7)),
            number(cells.get(10)) / 100);
    double bytesOfText = loss * tokens / number(cells.get(6)) / Math.log(2);
    return new RowMetrics(
        label,
        label,
        Method.ofLabel(label),
        label.contains(", healed"),
        (long) number(cells.get(3)),
        (long) number(cells.get(1)),
        0,
        List.of(new TextFigures(text, Math.round(bytesOfText), List.of(all))),
        List.of(),
        NOT_READ,
        0);
  }

  /** The number that a cell begins with; its standard error and unit are left out. */
  private static double number(String cell) {
    String digits = cell.split(" ", 2)[0].replace(",", "");
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + cell + "' does not begin with a number", e);
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
