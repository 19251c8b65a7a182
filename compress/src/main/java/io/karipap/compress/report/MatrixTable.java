package io.karipap.compress.report;

import io.karipap.checkpoint.artifact.MatrixEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The table of all matrices at the end of a report. On a phone every row takes three lines. */
final class MatrixTable {

  private static final String GROUP_ROWS = "group_rows";
  private static final String GROUP_SIZES = "group_sizes";

  private MatrixTable() {}

  /**
   * The section.
   *
   * @param bytes of every matrix as written, by name
   */
  static String html(List<MatrixEntry> matrices, Map<String, Long> bytes) {
    StringBuilder rows = new StringBuilder();
    for (MatrixEntry e : matrices) {
      rows.append(
          "<tr><th scope=\"row\">%s<td class=\"left\">%s <small>%s</small><td>%d × %d<td>%s<td>%s<td>%s<td>%s\n"
              .formatted(
                  Html.escaped(e.name()),
                  Html.escaped(e.form()),
                  Html.escaped(integers(e)),
                  e.rows(),
                  e.columns(),
                  Figures.count(e.parameters()),
                  Figures.share(e.parameters(), (long) e.rows() * e.columns()),
                  Figures.count(bytes.getOrDefault(e.name(), 0L)),
                  Figures.decimals(e.error(), 4)));
    }
    return """
    <section>
    <h2>Matrices</h2>
    <p class="small muted">Parameters are the numbers stored for a matrix, scales of quantized numbers included; \
    “kept” is their share of the original matrix. The error is that of the map above.</p>
    %s</section>
    """
        .formatted(
            Html.scrolling(
                "Matrices",
                "<table class=\"rows\"><thead><tr><th scope=\"col\">matrix<th scope=\"col\" class=\"left\">form"
                    + "<th scope=\"col\">shape<th scope=\"col\">parameters<th scope=\"col\">kept"
                    + "<th scope=\"col\">bytes<th scope=\"col\">error</thead><tbody>"
                    + rows
                    + "</tbody></table>"));
  }

  /** The integers of a form, such as {@code rank 12, groups of up to 64}. */
  private static String integers(MatrixEntry entry) {
    List<String> texts = new ArrayList<>();
    entry
        .shape()
        .forEach((key, values) -> {
          if (!key.equals(GROUP_ROWS) && !key.equals(GROUP_SIZES)) {
            String numbers =
                values.size() == 1 ? String.valueOf(values.getFirst()) : values.toString();
            texts.add(key.replace('_', ' ') + " " + numbers);
          }
        });
    List<Integer> groups =
        entry.shape().getOrDefault(GROUP_SIZES, List.of()).stream().distinct().sorted().toList();
    if (!groups.isEmpty()) {
      texts.add("groups of " + (groups.size() > 1 ? "up to " : "") + groups.getLast());
    }
    return String.join(", ", texts);
  }
}
