package io.karipap.bench.forms;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Squared errors by form and family, as Markdown. Filled by several threads. */
final class FormsTable {

  private final String title;
  private final List<String> rows;
  private final Map<String, Map<String, List<Double>>> errors = new LinkedHashMap<>();

  FormsTable(String title, List<String> rows, List<String> families) {
    this.title = title;
    this.rows = rows;
    rows.forEach(row -> {
      Map<String, List<Double>> cells = new LinkedHashMap<>();
      families.forEach(family -> cells.put(family, new ArrayList<>()));
      errors.put(row, cells);
    });
  }

  synchronized void add(String row, String family, double squaredError) {
    cell(row, family).add(squaredError);
  }

  private List<Double> cell(String row, String family) {
    return Optional.ofNullable(errors.get(row))
        .map(cells -> cells.get(family))
        .orElseThrow(() -> new IllegalArgumentException(row + " of " + family));
  }

  /** Means over the matrices of every family, and over all matrices. */
  synchronized String markdown() {
    List<String> families = List.copyOf(errors.values().iterator().next().keySet());
    StringBuilder text = new StringBuilder("**" + title + "**\n\n| |");
    families.forEach(family -> text.append(' ').append(family).append(" |"));
    text.append(" mean |\n|---|").append("---|".repeat(families.size() + 1)).append('\n');
    for (String row : rows) {
      text.append("| ").append(row).append(" |");
      List<Double> all = new ArrayList<>();
      for (String family : families) {
        text.append(mean(cell(row, family)));
        all.addAll(cell(row, family));
      }
      text.append(mean(all)).append('\n');
    }
    return text.toString();
  }

  private static String mean(List<Double> values) {
    return values.isEmpty()
        ? " - |"
        : String.format(
            Locale.ROOT,
            " %.4f |",
            values.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
  }
}
