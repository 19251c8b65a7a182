package io.karipap.compress.report;

import java.util.List;

/** Bars of the bytes of every family of parameters, before beside after. */
final class FamilyChart {

  private static final int WIDTH = 360;
  private static final int LABEL = 96;
  private static final int VALUE = 62;
  private static final int ROW = 31;
  private static final int BAR = 10;

  private FamilyChart() {}

  /**
   * One family.
   *
   * @param label its name
   * @param before bytes in the original
   * @param after bytes in the compressed model
   */
  record Family(String label, long before, long after) {}

  /** The chart. */
  static Svg of(List<Family> families) {
    long longest =
        families.stream().mapToLong(f -> Math.max(f.before(), f.after())).max().orElse(1);
    Svg svg = Svg.inPage(WIDTH, ROW * (double) families.size(), description(families));
    double scale = (WIDTH - LABEL - VALUE) / (double) Math.max(1, longest);
    for (int i = 0; i < families.size(); i++) {
      Family family = families.get(i);
      double y = ROW * (double) i + 4;
      svg.text(0, y + BAR + 4, family.label());
      svg.rect(LABEL, y, scale * family.before(), BAR, "class", "before", "rx", "1.5");
      svg.rect(LABEL, y + BAR + 1, scale * family.after(), BAR, "class", "after", "rx", "1.5");
      value(svg, y + BAR - 1.5, family.before(), "muted");
      value(svg, y + 2 * BAR, family.after(), "value");
    }
    return svg;
  }

  private static void value(Svg svg, double y, long bytes, String style) {
    svg.text(
        WIDTH, y, Figures.bytes(bytes), "text-anchor", "end", "class", style, "font-size", "9.5");
  }

  private static String description(List<Family> families) {
    StringBuilder text = new StringBuilder("Bytes by family, original and compressed:");
    for (Family family : families) {
      text.append(
          " %s %s, %s;"
              .formatted(
                  family.label(), Figures.bytes(family.before()), Figures.bytes(family.after())));
    }
    return text.toString();
  }
}
