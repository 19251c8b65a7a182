package io.karipap.compress;

import io.karipap.checkpoint.MatrixEntry;
import io.karipap.model.Decoder;
import io.karipap.model.LoadedModel;
import io.karipap.model.MatrixName;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * report.html: what became of every matrix, and a map of the errors by block and family. One file,
 * no scripts.
 */
final class Report {

  private static final List<String> FAMILIES =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
      table { border-collapse: collapse; margin: 1rem 0 }
      th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #ddd }
      th:first-child, td:first-child { text-align: left }
      .map td { min-width: 4.5rem; text-align: center; border: 1px solid #fff }
      small { color: #666 }
      """;

  private Report() {}

  static String html(LoadedModel model, List<MatrixEntry> entries, List<GaugeTrial> trials) {
    long before = model.weights().parameters();
    long matricesBefore =
        entries.stream()
            .filter(entry -> !entry.name().equals(Decoder.HEAD_GAIN)) // the original has none
            .mapToLong(Report::elements)
            .sum();
    long after =
        before - matricesBefore + entries.stream().mapToLong(MatrixEntry::parameters).sum();
    StringBuilder html = new StringBuilder();
    html.append(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>KARIPAP report</title>")
        .append("<style>")
        .append(STYLE)
        .append("</style></head><body>")
        .append("<h1>KARIPAP report</h1>")
        .append(
            "<p>%s of %s parameters kept (%.1f %%).</p>"
                .formatted(count(after), count(before), 100.0 * after / before))
        .append("<h2>Errors by block and family</h2>")
        .append(
            "<p>‖(W−V)X‖ / ‖WX‖ on the calibration text, before any healing; darker loses more.</p>");
    map(html, model, entries);
    trials(html, trials);
    html.append(
        "<h2>Matrices</h2><table><tr><th>matrix<th>form<th>shape<th>parameters<th>kept<th>error</tr>");
    for (MatrixEntry e : entries) {
      html.append(
          "<tr><td>%s<td>%s %s<td>%d × %d<td>%s<td>%.1f %%<td>%.4f</tr>"
              .formatted(
                  e.name(),
                  e.form(),
                  "<small>" + e.shape().toString().replaceAll("[{}]", "") + "</small>",
                  e.rows(),
                  e.columns(),
                  count(e.parameters()),
                  100.0 * e.parameters() / elements(e),
                  e.error()));
    }
    return html.append("</table></body></html>\n").toString();
  }

  private static void trials(StringBuilder html, List<GaugeTrial> trials) {
    if (trials.isEmpty()) {
      return;
    }
    html.append("<h2>Basis</h2><p>Short fits of the middle block in each basis at the same size of")
        .append(" the whole model; the basis with the smallest error was taken.</p>")
        .append("<table><tr><th>basis<th>numbers it stores<th>mean squared error</tr>");
    for (GaugeTrial trial : trials) {
      html.append(
          "<tr><td>%s<td>%s<td>%.4f</tr>"
              .formatted(trial.name(), count(trial.extraParameters()), trial.meanSquaredError()));
    }
    html.append("</table>");
  }

  private static void map(StringBuilder html, LoadedModel model, List<MatrixEntry> entries) {
    Map<String, MatrixEntry> byName = new HashMap<>();
    entries.forEach(entry -> byName.put(entry.name(), entry));
    html.append("<table class=\"map\"><tr><th>block");
    FAMILIES.forEach(family -> html.append("<th>").append(family));
    html.append("</tr>");
    Map<Integer, StringBuilder> rows = new java.util.TreeMap<>();
    for (MatrixName matrix : MatrixName.all(model.config())) {
      MatrixEntry entry = byName.get(matrix.name());
      if (matrix.inBlock() && entry != null) {
        rows.computeIfAbsent(matrix.block(), b -> new StringBuilder("<tr><td>" + b))
            .append(cell(entry));
      }
    }
    rows.values().forEach(row -> html.append(row).append("</tr>"));
    html.append("</table>");
  }

  private static String cell(MatrixEntry entry) {
    long light = Math.round(97 - 55 * Math.min(1, entry.error()));
    return "<td style=\"background:hsl(14 80%% %d%%)\" title=\"%s\">%.3f<br><small>%s</small>"
        .formatted(light, entry.name(), entry.error(), entry.form());
  }

  private static long elements(MatrixEntry entry) {
    return (long) entry.rows() * entry.columns();
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
