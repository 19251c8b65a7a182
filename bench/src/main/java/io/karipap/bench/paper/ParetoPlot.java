package io.karipap.bench.paper;

import static io.karipap.bench.paper.PaperText.format;

import io.karipap.compress.report.Svg;
import io.karipap.compress.report.Svg.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * pareto.svg: KL divergence on a logarithmic scale against bytes and against parameters, a panel
 * for each of these and each text. One file, no scripts.
 */
final class ParetoPlot {

  private static final int PANEL_WIDTH = 560;
  private static final int SINGLE_PANEL_WIDTH = 880;
  private static final int HEIGHT = 400;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 34;
  private static final int BOTTOM = 48;
  private static final int LEGEND_COLUMN = 210;
  private static final int LEGEND_LINE = 20;

  /** Smaller divergences are drawn at this one, nats per token: the axis is logarithmic. */
  private static final double LEAST_KL_DRAWN = 1e-4;

  /**
   * Rows whose sizes differ by less, as a share of the original's, stand above one another; the
   * line goes through the best.
   */
  private static final double SAME_SIZE_SHARE = 0.002;

  private final List<RowMetrics> rows;
  private final RowMetrics original;
  private final List<Axis> axes;
  private final int panelWidth;

  private ParetoPlot(List<RowMetrics> rows, List<Axis> axes, int panelWidth) {
    this.original = rows.getFirst();
    this.rows = rows.stream().filter(row -> row.method() != Method.ORIGINAL).toList();
    this.axes = axes;
    this.panelWidth = panelWidth;
  }

  /** The plot of rows, of which the first is the original: bytes and parameters side by side. */
  static String svg(List<RowMetrics> rows) {
    return new ParetoPlot(rows, List.of(Axis.BYTES, Axis.PARAMETERS), PANEL_WIDTH).svg();
  }

  /** The same against bytes alone, in wider panels. */
  static String ofBytes(List<RowMetrics> rows) {
    return new ParetoPlot(rows, List.of(Axis.BYTES), SINGLE_PANEL_WIDTH).svg();
  }

  private String svg() {
    int texts = original.texts().size();
    int legendLines = Math.ceilDiv(methods().size(), legendColumns()) + 1;
    Svg svg =
        Svg.file(
            axes.size() * panelWidth,
            HEIGHT * texts + legendLines * LEGEND_LINE + 16,
            "KL divergence from the original against size");
    for (int text = 0; text < texts; text++) {
      for (int i = 0; i < axes.size(); i++) {
        new Panel(axes.get(i), text, i * panelWidth, text * HEIGHT).draw(svg);
      }
    }
    legend(svg, texts * HEIGHT);
    return svg.toString();
  }

  private void legend(Svg svg, int top) {
    List<Method> shown = methods();
    int columns = legendColumns();
    for (int i = 0; i < shown.size(); i++) {
      int line = i / columns;
      double x = LEFT + i % columns * (double) LEGEND_COLUMN;
      double y = top + 14 + line * (double) LEGEND_LINE;
      Method method = shown.get(i);
      svg.line(
          new Point(x, y), new Point(x + 24, y), "stroke", method.color(), "stroke-width", "1.6");
      svg.circle(x + 12, y, 3.5, "fill", method.color());
      svg.text(x + 32, y + 4, method.label(), "fill", "#222");
    }
    double y = top + 14 + Math.ceilDiv(shown.size(), columns) * (double) LEGEND_LINE;
    svg.line(new Point(LEFT, y), new Point(LEFT + 24, y), "stroke", "#ccc", "stroke-width", "7");
    svg.text(
        LEFT + 32,
        y + 4,
        "lower convex hull of all but the planner; full symbols and lines: healed, hollow and dashed:"
            + " not healed",
        "fill",
        "#222");
  }

  private int legendColumns() {
    return (axes.size() * panelWidth - LEFT) / LEGEND_COLUMN;
  }

  /** The methods of the rows. */
  private List<Method> methods() {
    return Arrays.stream(Method.values())
        .filter(method -> rows.stream().anyMatch(row -> row.method() == method))
        .toList();
  }

  private double kl(RowMetrics row, int text) {
    return Math.max(LEAST_KL_DRAWN, row.texts().get(text).kl().value());
  }

  /** One diagram, its corner at (x0, y0). */
  private final class Panel {
    private final Axis axis;
    private final int text;
    private final int x0;
    private final int y0;
    private final double widest;
    private final double lowest;
    private final double highest;

    Panel(Axis axis, int text, int x0, int y0) {
      this.axis = axis;
      this.text = text;
      this.x0 = x0;
      this.y0 = y0;
      this.widest =
          1.04 * shown().stream().mapToDouble(row -> axis.share(row, original)).max().orElse(1);
      double least = shown().stream().mapToDouble(row -> kl(row, text)).min().orElse(0.1);
      double most = shown().stream().mapToDouble(row -> kl(row, text)).max().orElse(1);
      this.lowest = Math.log10(least) - 0.1;
      this.highest = Math.log10(most) + 0.1;
    }

    private double x(double share) {
      return x0 + LEFT + share / widest * (panelWidth - LEFT - RIGHT);
    }

    private double y(double kl) {
      double part = (Math.log10(kl) - lowest) / (highest - lowest);
      return y0 + HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
    }

    void draw(Svg svg) {
      axes(svg);
      hull(svg);
      for (Method method : methods()) {
        if (shows(method)) {
          series(svg, method, false);
          series(svg, method, true);
        }
      }
    }

    /**
     * Quantization does not change the number of parameters, so these rows are in the panel of
     * bytes only.
     */
    private boolean shows(Method method) {
      return switch (method) {
        case ORIGINAL -> false;
        case HALF, GPTQ, LOW_RANK_CODED, NETWORK_CODED, ENTROPY_CODED -> axis == Axis.BYTES;
        case PRUNING, LOW_RANK, MPO, NETWORK, PLANNER -> true;
      };
    }

    private List<RowMetrics> shown() {
      return rows.stream().filter(row -> shows(row.method())).toList();
    }

    private void axes(Svg svg) {
      int bottom = y0 + HEIGHT - BOTTOM;
      int right = x0 + panelWidth - RIGHT;
      for (int decade = (int) Math.floor(lowest); decade <= highest; decade++) {
        for (int digit : List.of(1, 2, 5)) {
          double kl = digit * Math.pow(10, decade);
          if (Math.log10(kl) >= lowest && Math.log10(kl) <= highest) {
            svg.line(
                new Point(x0 + LEFT, y(kl)),
                new Point(right, y(kl)),
                "stroke",
                digit == 1 ? "#ddd" : "#f1f1f1");
            label(svg, x0 + LEFT - 6, y(kl) + 4, "end", tick(kl));
          }
        }
      }
      double step = widest > 0.5 ? 0.1 : widest > 0.2 ? 0.05 : 0.02;
      for (int i = 0; i * step <= widest; i++) {
        double at = x(i * step);
        svg.line(new Point(at, bottom), new Point(at, bottom + 5), "stroke", "#666");
        label(svg, at, bottom + 18, "middle", format("%.0f %%", 100 * i * step));
      }
      svg.polyline(
          List.of(
              new Point(x0 + LEFT, y0 + TOP),
              new Point(x0 + LEFT, bottom),
              new Point(right, bottom)),
          "stroke",
          "#666");
      svg.text(
          x0 + LEFT,
          y0 + 20,
          "On " + original.texts().get(text).name(),
          "fill",
          "#222",
          "font-weight",
          "600");
      label(svg, (x0 + LEFT + right) / 2.0, bottom + 36, "middle", axis.title());
      double middle = y0 + (TOP + HEIGHT - BOTTOM) / 2.0;
      svg.text(
          0,
          0,
          "KL from the original, nats per token",
          "transform",
          format("translate(%d,%.1f) rotate(-90)", x0 + 14, middle),
          "text-anchor",
          "middle",
          "fill",
          "#222");
    }

    private static String tick(double kl) {
      return kl >= 0.001 ? format("%.3f", kl).replaceFirst("\\.?0+$", "") : format("%.0e", kl);
    }

    /**
     * The hull is convex in size and ln KL, the axes of the plot, and is drawn with straight lines.
     */
    private void hull(Svg svg) {
      Set<Method> references = EnumSet.allOf(Method.class);
      references.removeIf(method -> !shows(method));
      references.removeAll(Set.of(Method.PLANNER, Method.ENTROPY_CODED));
      List<RowMetrics> all = new ArrayList<>(rows);
      all.addFirst(original);
      List<Point> points = new ArrayList<>();
      for (Hull.Point point :
          new Comparison(axis, Set.of(), references).hull(all, text, true).points()) {
        points.add(new Point(x(point.x()), y(kl(all.get(point.index()), text))));
      }
      svg.polyline(
          points,
          "class",
          "hull",
          "stroke",
          "#ccc",
          "stroke-width",
          "7",
          "stroke-linejoin",
          "round",
          "stroke-linecap",
          "round");
    }

    private boolean isBest(RowMetrics row, List<RowMetrics> members) {
      return members.stream()
          .filter(other ->
              Math.abs(axis.share(other, original) - axis.share(row, original)) < SAME_SIZE_SHARE)
          .allMatch(other -> kl(row, text) <= kl(other, text));
    }

    private void series(Svg svg, Method method, boolean healed) {
      List<RowMetrics> members =
          rows.stream()
              .filter(row -> row.method() == method && row.healed() == healed)
              .sorted(Comparator.comparingDouble(row -> axis.share(row, original)))
              .toList();
      if (members.isEmpty()) {
        return;
      }
      List<Point> best =
          members.stream().filter(row -> isBest(row, members)).map(this::point).toList();
      if (healed) {
        svg.polyline(best, "stroke", method.color(), "stroke-width", "1.6");
      } else {
        svg.polyline(
            best,
            "stroke",
            method.color(),
            "stroke-width",
            "1.6",
            "stroke-dasharray",
            "4 3",
            "opacity",
            "0.8");
      }
      for (RowMetrics row : members) {
        svg.titledCircle(
            point(row).x(),
            point(row).y(),
            3.5,
            format(
                "%s: %.1f %%, KL %.4g",
                row.label(), 100 * axis.share(row, original), row.texts().get(text).kl().value()),
            "fill",
            healed ? method.color() : "#fff",
            "stroke",
            method.color());
      }
    }

    private Point point(RowMetrics row) {
      return new Point(x(axis.share(row, original)), y(kl(row, text)));
    }
  }

  private static void label(Svg svg, double x, double y, String anchor, String text) {
    svg.text(x, y, text, "text-anchor", anchor, "fill", "#444");
  }
}
