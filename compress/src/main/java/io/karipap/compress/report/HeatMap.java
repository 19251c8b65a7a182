package io.karipap.compress.report;

import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A map of one figure by block and family of matrices; darker is more. */
final class HeatMap {

  private static final int LABEL = 34;
  private static final int HEAD = 20;
  private static final int GAP = 2;

  /** A phone shows this many columns of cells without a note at their full size. */
  private static final int WIDTH = 46;

  private static final int HEIGHT = 26;
  private static final int WIDTH_WITH_NOTE = 74;
  private static final int HEIGHT_WITH_NOTE = 36;

  private HeatMap() {}

  /**
   * The content of a cell.
   *
   * @param shade from 0, light, to 1, dark; values beyond them are drawn as the nearer
   * @param text the figure
   * @param note a small line under it, possibly empty
   */
  record Cell(double shade, String text, String note) {}

  /**
   * The map as HTML.
   *
   * @param description is read aloud in place of the map
   * @param matrices in the order of the model; those outside of blocks are left out
   */
  static String html(
      String description, List<MatrixSpec> matrices, Function<MatrixSpec, Cell> cells) {
    List<MatrixSpec> shown = matrices.stream().filter(MatrixSpec::inBlock).toList();
    Map<String, Role> families = new LinkedHashMap<>();
    shown.forEach(matrix -> families.putIfAbsent(matrix.family(), matrix.role()));
    List<String> columns = List.copyOf(families.keySet());
    List<Role> roles = List.copyOf(families.values());
    List<Integer> blocks = shown.stream().map(MatrixSpec::block).distinct().sorted().toList();
    boolean noted = shown.stream().anyMatch(matrix -> !cells.apply(matrix).note().isEmpty());
    int width = noted ? WIDTH_WITH_NOTE : WIDTH;
    int height = noted ? HEIGHT_WITH_NOTE : HEIGHT;
    Svg svg =
        Svg.inPage(
            LABEL + (double) families.size() * width,
            HEAD + (double) blocks.size() * height,
            description);
    svg.text(0, HEAD - 7, "block", "class", "muted", "font-size", "10");
    for (int i = 0; i < families.size(); i++) {
      svg.text(
          LABEL + (i + 0.5) * width,
          HEAD - 7,
          Families.column(roles.get(i)),
          "text-anchor",
          "middle",
          "class",
          "muted",
          "font-size",
          "10");
    }
    for (int i = 0; i < blocks.size(); i++) {
      double middle = HEAD + i * (double) height + height / 2.0 + 3;
      svg.text(LABEL - 12, middle, String.valueOf(blocks.get(i)), "text-anchor", "end");
    }
    for (MatrixSpec matrix : shown) {
      double x = LABEL + columns.indexOf(matrix.family()) * (double) width;
      double y = HEAD + blocks.indexOf(matrix.block()) * (double) height;
      draw(svg, matrix.name(), cells.apply(matrix), x, y, width - GAP, height - GAP);
    }
    return noted
        ? Html.scrolling(description, svg.toString())
        : "<div class=\"chart\">%s</div>\n".formatted(svg);
  }

  private static void draw(
      Svg svg, String name, Cell cell, double x, double y, double width, double height) {
    double opacity = 0.06 + 0.74 * Math.clamp(cell.shade(), 0.0, 1.0);
    double middle = x + width / 2;
    svg.group("%s: %s %s".formatted(name, cell.text(), cell.note()).strip())
        .rect(
            x,
            y,
            width,
            height,
            "class",
            "heat",
            "fill-opacity",
            Figures.format("%.2f", opacity),
            "rx",
            "2");
    boolean noted = !cell.note().isEmpty();
    svg.text(middle, y + height / 2 + (noted ? -1 : 4), cell.text(), "text-anchor", "middle");
    if (noted) {
      svg.text(
          middle, y + height / 2 + 11, cell.note(), "text-anchor", "middle", "font-size", "8.5");
    }
    svg.end();
  }
}
