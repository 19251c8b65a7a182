package io.karipap.cli.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Text in columns: the first one to the left, numbers to the right. */
public final class Table {

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  /** A table with column titles and no rows. */
  Table(List<String> titles) {
    rows.add(List.copyOf(titles));
  }

  /** Adds a row of as many cells as there are titles. */
  public Table row(Object... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalStateException("a row has %d cells".formatted(cells.length));
    }
    rows.add(Arrays.stream(cells).map(Object::toString).toList());
    return this;
  }

  /** The table's lines, each column as wide as its widest cell. */
  List<String> lines() {
    List<Integer> widths = new ArrayList<>(Collections.nCopies(rows.getFirst().size(), 0));
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths.set(i, Math.max(widths.get(i), row.get(i).length()));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String padding = " ".repeat(widths.get(i) - row.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(isNumeric(i) ? padding + row.get(i) : row.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }

  private boolean isNumeric(int column) {
    return column > 0
        && rows.stream()
            .skip(1)
            .map(row -> row.get(column))
            .allMatch(cell -> cell.isEmpty() || cell.equals("-") || cell.matches("[-+]?[0-9].*"));
  }

  /** A whole number with its thousands apart. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number with a fixed number of decimals. */
  public static String decimals(double number, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", number);
  }

  /** A share in per cent with one decimal. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Bytes in the largest fitting unit of a power of ten. */
  public static String bytes(long bytes) {
    return bytes < 1_000_000
        ? decimals(bytes / 1e3, 1) + " kB"
        : bytes < 1_000_000_000
            ? decimals(bytes / 1e6, 2) + " MB"
            : decimals(bytes / 1e9, 2) + " GB";
  }
}
