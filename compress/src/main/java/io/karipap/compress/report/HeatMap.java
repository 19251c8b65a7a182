package io.karipap.compress.report;

import io.karipap.model.arch.MatrixSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** A page's table of one figure by block and family; darker is more. */
final class HeatMap {

  /** The style of pages with heat maps. */
  static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
      table { border-collapse: collapse; margin: 1rem 0 }
      th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #ddd }
      th:first-child, td:first-child { text-align: left }
      .map td { min-width: 4.5rem; text-align: center; border: 1px solid #fff }
      small { color: #666 }
      """;

  private static final List<String> FAMILIES =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private HeatMap() {}

  /**
   * What a cell shows.
   *
   * @param shade from 0, light, to 1, dark; beyond them the nearer
   * @param text the figure
   * @param note a small line under it, possibly empty
   */
  record Cell(double shade, String text, String note) {}

  /**
   * The table as HTML.
   *
   * @param matrices of the blocks, in the order of the model; others are left out
   */
  static String html(List<MatrixSpec> matrices, Function<MatrixSpec, Cell> cells) {
    Map<Integer, StringBuilder> rows = new TreeMap<>();
    for (MatrixSpec matrix : matrices) {
      if (matrix.inBlock()) {
        rows.computeIfAbsent(matrix.block(), b -> new StringBuilder("<tr><td>" + b))
            .append(html(matrix.name(), cells.apply(matrix)));
      }
    }
    StringBuilder html = new StringBuilder("<table class=\"map\"><tr><th>block");
    FAMILIES.forEach(family -> html.append("<th>").append(family));
    html.append("</tr>");
    rows.values().forEach(row -> html.append(row).append("</tr>"));
    return html.append("</table>").toString();
  }

  private static String html(String name, Cell cell) {
    long light = Math.round(97 - 55 * Math.clamp(cell.shade(), 0.0, 1.0));
    return "<td style=\"background:hsl(14 80%% %d%%)\" title=\"%s\">%s<br><small>%s</small>"
        .formatted(light, name, cell.text(), cell.note());
  }
}
