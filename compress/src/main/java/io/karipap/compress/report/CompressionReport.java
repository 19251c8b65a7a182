package io.karipap.compress.report;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.flow.AllocationTrace;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.io.LoadedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * report.html: what became of every matrix, and a map of the errors by block and family. One file,
 * no scripts.
 */
public final class CompressionReport {

  private CompressionReport() {}

  /**
   * The page.
   *
   * @param trace how sizes and forms were chosen over the whole model, if they were
   */
  public static String html(
      LoadedModel model,
      List<MatrixEntry> entries,
      List<GaugeTrial> trials,
      Optional<AllocationTrace> trace) {
    long before = model.weights().parameters();
    long matricesBefore =
        entries.stream()
            .filter(entry -> !entry.name().equals(Decoder.HEAD_GAIN)) // the original has none
            .mapToLong(CompressionReport::elements)
            .sum();
    long after =
        before - matricesBefore + entries.stream().mapToLong(MatrixEntry::parameters).sum();
    StringBuilder html = new StringBuilder();
    html.append("<h1>KARIPAP report</h1>")
        .append(
            "<p>%s of %s parameters kept (%.1f %%).</p>"
                .formatted(count(after), count(before), 100.0 * after / before))
        .append("<h2>Errors by block and family</h2>")
        .append(
            "<p>‖(W−V)X‖ / ‖WX‖ on the calibration text, before any healing unless numbers were coded after it; darker loses more.</p>");
    html.append(map(model, entries));
    trials(html, trials);
    trace.ifPresent(t -> html.append(AllocationChart.html(t)));
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
    return Html.page("KARIPAP report", html.append("</table>").toString());
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

  private static String map(LoadedModel model, List<MatrixEntry> entries) {
    Map<String, MatrixEntry> byName = new HashMap<>();
    entries.forEach(entry -> byName.put(entry.name(), entry));
    List<MatrixSpec> matrices =
        MatrixSpec.all(model.config()).stream()
            .filter(matrix -> byName.containsKey(matrix.name()))
            .toList();
    return HeatMap.html(
        "Errors by block and family of matrices",
        matrices,
        matrix -> {
          MatrixEntry entry = Objects.requireNonNull(byName.get(matrix.name()));
          return new HeatMap.Cell(entry.error(), "%.3f".formatted(entry.error()), "");
        });
  }

  private static long elements(MatrixEntry entry) {
    return (long) entry.rows() * entry.columns();
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
