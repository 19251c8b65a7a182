package io.karipap.bench.paper;

import static io.karipap.bench.paper.PaperText.format;

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

  private static final int WIDTH = 560;
  private static final int HEIGHT = 400;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 34;
  private static final int BOTTOM = 48;
  private static final int LEGEND = 76;

  /** Smaller divergences are drawn here: they are no loss. */
  private static final double FLOOR = 1e-4;

  private final List<RowMetrics> rows;
  private final RowMetrics original;

  /** Rows whose sizes differ by less stand above one another; the line goes through the best. */
  private static final double SAME_SIZE = 0.002;

  private ParetoPlot(List<RowMetrics> rows) {
    this.original = rows.getFirst();
    this.rows = rows.stream().filter(row -> row.method() != Method.ORIGINAL).toList();
  }

  /** The plot of rows, of which the first is the original. */
  static String svg(List<RowMetrics> rows) {
    return new ParetoPlot(rows).svg();
  }

  private String svg() {
    int texts = original.texts().size();
    int width = 2 * WIDTH;
    int height = HEIGHT * texts + LEGEND;
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                + " role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"none\">\n",
            width, height, width, height));
    svg.append("<title>KL divergence from the original against size</title>\n");
    svg.append(format("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", width, height));
    for (int text = 0; text < texts; text++) {
      new Panel(Axis.BYTES, text, 0, text * HEIGHT).draw(svg);
      new Panel(Axis.PARAMETERS, text, WIDTH, text * HEIGHT).draw(svg);
    }
    legend(svg, texts * HEIGHT);
    return svg.append("</svg>\n").toString();
  }

  private void legend(StringBuilder svg, int top) {
    List<Method> shown = methods();
    int column = 210;
    for (int i = 0; i < shown.size(); i++) {
      int x = LEFT + i % 5 * column;
      int y = top + 14 + i / 5 * 20;
      String colour = shown.get(i).colour();
      svg.append(
          format(
              "<path d=\"M%d,%d h24\" stroke=\"%s\" stroke-width=\"1.6\"/>"
                  + "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"%d\" fill=\"#222\">%s</text>\n",
              x, y, colour, x + 12, y, colour, x + 32, y + 4, shown.get(i).label()));
    }
    int y = top + 14 + Math.ceilDiv(shown.size(), 5) * 20;
    svg.append(
        format(
            "<path d=\"M%d,%d h24\" stroke=\"#ccc\" stroke-width=\"7\"/>"
                + "<text x=\"%d\" y=\"%d\" fill=\"#222\">lower convex hull of all but the planner;"
                + " full symbols and lines: healed, hollow and dashed: not healed</text>\n",
            LEFT, y, LEFT + 32, y + 4));
  }

  private List<Method> methods() {
    return Arrays.stream(Method.values())
        .filter(method -> rows.stream().anyMatch(row -> row.method() == method))
        .toList();
  }

  private double kl(RowMetrics row, int text) {
    return Math.max(FLOOR, row.texts().get(text).kl().value());
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
      return x0 + LEFT + share / widest * (WIDTH - LEFT - RIGHT);
    }

    private double y(double kl) {
      double part = (Math.log10(kl) - lowest) / (highest - lowest);
      return y0 + HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
    }

    void draw(StringBuilder svg) {
      axes(svg);
      hull(svg);
      for (Method method : methods()) {
        if (shows(method)) {
          series(svg, method, false);
          series(svg, method, true);
        }
      }
    }

    /** Few bits alone keep every parameter, and codes of a network are as many as its numbers. */
    private boolean shows(Method method) {
      return switch (method) {
        case ORIGINAL -> false;
        case HALF, GPTQ, LOW_RANK_CODED, NETWORK_CODED -> axis == Axis.BYTES;
        case PRUNING, LOW_RANK, MPO, NETWORK, PLANNER -> true;
      };
    }

    private List<RowMetrics> shown() {
      return rows.stream().filter(row -> shows(row.method())).toList();
    }

    private void axes(StringBuilder svg) {
      int bottom = y0 + HEIGHT - BOTTOM;
      int right = x0 + WIDTH - RIGHT;
      for (int decade = (int) Math.floor(lowest); decade <= highest; decade++) {
        for (int digit : List.of(1, 2, 5)) {
          double kl = digit * Math.pow(10, decade);
          if (Math.log10(kl) >= lowest && Math.log10(kl) <= highest) {
            svg.append(
                format(
                    "<path d=\"M%d,%.1f H%d\" stroke=\"%s\"/>",
                    x0 + LEFT, y(kl), right, digit == 1 ? "#ddd" : "#f1f1f1"));
            svg.append(label(x0 + LEFT - 6, y(kl) + 4, "end", tick(kl)));
          }
        }
      }
      double step = widest > 0.5 ? 0.1 : widest > 0.2 ? 0.05 : 0.02;
      for (int i = 0; i * step <= widest; i++) {
        double at = x(i * step);
        svg.append(format("<path d=\"M%.1f,%d v5\" stroke=\"#666\"/>", at, bottom));
        svg.append(label(at, bottom + 18, "middle", format("%.0f %%", 100 * i * step)));
      }
      svg.append(
          format(
              "<path d=\"M%d,%d V%d H%d\" stroke=\"#666\"/>\n",
              x0 + LEFT, y0 + TOP, bottom, right));
      svg.append(
          format(
              "<text x=\"%d\" y=\"%d\" fill=\"#222\" font-weight=\"600\">%s</text>",
              x0 + LEFT, y0 + 20, escaped("On " + original.texts().get(text).name())));
      svg.append(label((x0 + LEFT + right) / 2.0, bottom + 36, "middle", axis.title()));
      double middle = y0 + (TOP + HEIGHT - BOTTOM) / 2.0;
      svg.append(
          format(
              "<text transform=\"translate(%d,%.1f) rotate(-90)\" text-anchor=\"middle\""
                  + " fill=\"#222\">KL from the original, nats per token</text>\n",
              x0 + 14, middle));
    }

    private static String tick(double kl) {
      return kl >= 0.001 ? format("%.3f", kl).replaceFirst("\\.?0+$", "") : format("%.0e", kl);
    }

    /** Straight here, as the axes are those that the hull is convex in. */
    private void hull(StringBuilder svg) {
      Set<Method> references = EnumSet.allOf(Method.class);
      references.removeIf(method -> !shows(method));
      references.remove(Method.PLANNER);
      List<RowMetrics> all = new ArrayList<>(rows);
      all.addFirst(original);
      List<String> points = new ArrayList<>();
      for (Hull.Point point :
          new Comparison(axis, Set.of(), references).hull(all, text, true).points()) {
        points.add(format("%.1f,%.1f", x(point.x()), y(kl(all.get(point.index()), text))));
      }
      svg.append(
          format(
              "<polyline class=\"hull\" points=\"%s\" stroke=\"#ccc\" stroke-width=\"7\""
                  + " stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n",
              String.join(" ", points)));
    }

    private boolean isBest(RowMetrics row, List<RowMetrics> members) {
      return members.stream()
          .filter(other ->
              Math.abs(axis.share(other, original) - axis.share(row, original)) < SAME_SIZE)
          .allMatch(other -> kl(row, text) <= kl(other, text));
    }

    private void series(StringBuilder svg, Method method, boolean healed) {
      List<RowMetrics> members =
          rows.stream()
              .filter(row -> row.method() == method && row.healed() == healed)
              .sorted(Comparator.comparingDouble(row -> axis.share(row, original)))
              .toList();
      if (members.isEmpty()) {
        return;
      }
      List<String> points = new ArrayList<>();
      StringBuilder symbols = new StringBuilder();
      for (RowMetrics row : members) {
        double x = x(axis.share(row, original));
        double y = y(kl(row, text));
        if (isBest(row, members)) {
          points.add(format("%.1f,%.1f", x, y));
        }
        symbols.append(
            format(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\" stroke=\"%s\"><title>%s: %.1f %%,"
                    + " KL %.4g</title></circle>",
                x,
                y,
                healed ? method.colour() : "#fff",
                method.colour(),
                escaped(row.label()),
                100 * axis.share(row, original),
                row.texts().get(text).kl().value()));
      }
      svg.append(
          format(
              "<polyline points=\"%s\" stroke=\"%s\" stroke-width=\"1.6\"%s/>%s\n",
              String.join(" ", points),
              method.colour(),
              healed ? "" : " stroke-dasharray=\"4 3\" opacity=\"0.8\"",
              symbols));
    }
  }

  private static String label(double x, double y, String anchor, String text) {
    return format(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#444\">%s</text>\n",
        x, y, anchor, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
