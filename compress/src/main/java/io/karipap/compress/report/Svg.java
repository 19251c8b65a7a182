package io.karipap.compress.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One SVG drawing, written element by element. Texts and attribute values are escaped; coordinates
 * are in units of the view box, with one decimal.
 *
 * <p>Attributes are given as pairs of a name and a value.
 */
public final class Svg {

  private final StringBuilder svg = new StringBuilder();

  private Svg(String attributes) {
    svg.append("<svg").append(attributes).append(">\n");
  }

  /**
   * A point of a line.
   *
   * @param x to the right
   * @param y downwards
   */
  public record Point(double x, double y) {}

  /**
   * A drawing inside an HTML page, which takes the width of the space around it. Its colors come
   * from the style of the page.
   *
   * @param description is read aloud in place of the drawing
   */
  static Svg inPage(double width, double height, String description) {
    return new Svg(
        attributes(
            "viewBox",
            "0 0 %s %s".formatted(number(width), number(height)),
            "role",
            "img",
            "aria-label",
            description));
  }

  /**
   * A drawing in a file of its own.
   *
   * @param width in pixels, also that of the view box
   * @param height likewise
   */
  public static Svg file(int width, int height, String title) {
    Svg svg =
        new Svg(
            attributes(
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 %d %d".formatted(width, height),
                "width",
                String.valueOf(width),
                "height",
                String.valueOf(height),
                "role",
                "img",
                "font-family",
                "system-ui, sans-serif",
                "font-size",
                "12",
                "fill",
                "none"));
    svg.svg.append("<title>").append(Html.escaped(title)).append("</title>\n");
    return svg.rect(0, 0, width, height, "fill", "#fff");
  }

  /** A rectangle, given by its upper left corner and its size. */
  public Svg rect(double x, double y, double width, double height, String... attributes) {
    return element(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"%s/>\n",
        number(x), number(y), number(width), number(height), attributes(attributes));
  }

  /** A text. */
  public Svg text(double x, double y, String text, String... attributes) {
    return element(
        "<text x=\"%s\" y=\"%s\"%s>%s</text>\n",
        number(x), number(y), attributes(attributes), Html.escaped(text));
  }

  /** A circle. */
  public Svg circle(double x, double y, double radius, String... attributes) {
    return element(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\"%s/>\n",
        number(x), number(y), number(radius), attributes(attributes));
  }

  /** A circle with a title, which browsers show beside the pointer. */
  public Svg titledCircle(double x, double y, double radius, String title, String... attributes) {
    return element(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\"%s><title>%s</title></circle>\n",
        number(x), number(y), number(radius), attributes(attributes), Html.escaped(title));
  }

  /** A straight line. */
  public Svg line(Point from, Point to, String... attributes) {
    return element(
        "<path d=\"M%s,%s L%s,%s\"%s/>\n",
        number(from.x()), number(from.y()), number(to.x()), number(to.y()), attributes(attributes));
  }

  /** Straight lines from point to point. */
  public Svg polyline(List<Point> points, String... attributes) {
    return element(
        "<polyline points=\"%s\"%s/>\n",
        points.stream()
            .map(point -> number(point.x()) + "," + number(point.y()))
            .collect(Collectors.joining(" ")),
        attributes(attributes));
  }

  /** Begins a group, which {@link #end} ends; browsers show its title beside the pointer. */
  Svg group(String title) {
    return element("<g><title>%s</title>", Html.escaped(title));
  }

  /** Ends the group. */
  Svg end() {
    return element("</g>\n");
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  private Svg element(String pattern, Object... values) {
    svg.append(String.format(Locale.ROOT, pattern, values));
    return this;
  }

  private static String attributes(String... pairs) {
    StringBuilder attributes = new StringBuilder();
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      attributes
          .append(' ')
          .append(pairs[i])
          .append("=\"")
          .append(Html.escaped(pairs[i + 1]))
          .append('"');
    }
    return attributes.toString();
  }

  /** Without a decimal where that is zero. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** The whole drawing. */
  @Override
  public String toString() {
    return svg + "</svg>\n";
  }
}
