package io.karipap.compress.report;

import io.karipap.compress.AllocationTrace;
import io.karipap.compress.AllocationTrace.Divergence;
import io.karipap.compress.AllocationTrace.Step;
import io.karipap.compress.report.Svg.Point;
import java.util.ArrayList;
import java.util.List;

/** The section of a report about how sizes and forms were chosen over the whole model. */
final class AllocationChart {

  private static final int WIDTH = 360;
  private static final int HEIGHT = 230;
  private static final int LEFT = 44;
  private static final int RIGHT = 10;
  private static final int TOP = 24;
  private static final int BOTTOM = 38;

  /** A chart has at least this many ticks above 0. */
  private static final int TICKS = 3;

  private final AllocationTrace trace;
  private final long first;
  private final long last;
  private final double top;

  private AllocationChart(AllocationTrace trace) {
    this.trace = trace;
    this.first = trace.steps().getFirst().modelParameters();
    this.last = trace.steps().getLast().modelParameters();
    double highest = 1e-9;
    for (Step step : trace.steps()) {
      highest = Math.max(highest, step.estimatedLoss());
    }
    for (Divergence divergence : trace.divergences()) {
      highest = Math.max(highest, divergence.kl());
    }
    this.top = highest;
  }

  /** A bond flow as a chart, the rounds of a planner as a table. */
  static String html(AllocationTrace trace) {
    return trace.steps().isEmpty() ? rounds(trace) : new AllocationChart(trace).section();
  }

  /** Plans of a planner: the loss expected of them and the divergence measured. */
  private static String rounds(AllocationTrace trace) {
    StringBuilder rows = new StringBuilder();
    for (Divergence d : trace.divergences()) {
      rows.append("<tr><td>")
          .append(
              String.join(
                  "<td>",
                  Figures.count(d.modelParameters()),
                  Figures.decimals(d.estimatedLoss(), 4),
                  Figures.decimals(d.kl(), 4)));
    }
    return """
    <section>
    <h2>Plans tried</h2>
    <p>Each plan fits the budget. The rate-distortion curves of a plan are corrected by the divergence \
    that was measured of the plan before it. The plan with the smallest measured divergence was taken. \
    Both figures are in nats per token on held-out text, before the last fits.</p>
    %s</section>
    """
        .formatted(
            Html.scrolling(
                "Plans tried",
                "<table><thead><tr><th>parameters<th>estimated loss<th>KL divergence</thead><tbody>"
                    + rows
                    + "</tbody></table>"));
  }

  private String section() {
    return """
    <section>
    <h2>Bond flow</h2>
    <p>Bonds were truncated one after the other, each time where a parameter saved raises the loss the \
    least: %s steps, from %s to %s parameters.</p>
    <figure class="chart">%s<figcaption><span class="key after">estimated loss</span> and \
    <span class="key second">KL divergence from the original</span>, measured on held-out text before the \
    last refit, in nats per token against parameters.</figcaption></figure>
    </section>
    """
        .formatted(
            Figures.count(trace.steps().size()),
            Figures.count(first),
            Figures.count(last),
            drawing());
  }

  private Svg drawing() {
    Svg svg =
        Svg.inPage(
            WIDTH,
            HEIGHT,
            "Loss against parameters while bonds are truncated: the estimate ends at %s nats per token"
                .formatted(Figures.decimals(trace.steps().getLast().estimatedLoss(), 4)));
    axes(svg);
    List<Point> estimated = new ArrayList<>();
    for (Step step : trace.steps()) {
      estimated.add(point(step.modelParameters(), step.estimatedLoss()));
    }
    List<Point> measured = new ArrayList<>();
    for (Divergence d : trace.divergences()) {
      measured.add(point(d.modelParameters(), d.kl()));
    }
    svg.polyline(estimated, "class", "after-line");
    svg.polyline(measured, "class", "second-line");
    for (int i = 0; i < measured.size(); i++) {
      Divergence d = trace.divergences().get(i);
      String title = "%,d parameters: KL %.4f".formatted(d.modelParameters(), d.kl());
      svg.titledCircle(measured.get(i).x(), measured.get(i).y(), 3, title, "class", "second");
    }
    return svg;
  }

  private void axes(Svg svg) {
    double bottom = HEIGHT - BOTTOM;
    svg.text(0, 11, "nats per token", "class", "muted");
    double step = step(top);
    for (int i = 0; i * step <= top; i++) {
      double value = i * step;
      double y = point(first, value).y();
      svg.line(new Point(LEFT, y), new Point(WIDTH - RIGHT, y), "class", "tick");
      svg.text(LEFT - 5, y + 4, tick(value, step), "text-anchor", "end", "class", "muted");
    }
    svg.text(LEFT, bottom + 16, Figures.count(first), "class", "muted");
    svg.text(
        WIDTH - RIGHT, bottom + 16, Figures.count(last), "text-anchor", "end", "class", "muted");
    svg.text(
        (LEFT + WIDTH - RIGHT) / 2.0,
        bottom + 32,
        "parameters of the model",
        "text-anchor",
        "middle",
        "class",
        "muted");
  }

  /** The largest of 1, 2 and 5 times a power of ten that gives enough ticks. */
  static double step(double top) {
    double most = top / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(most)));
    return power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
  }

  /** As many decimals as the step has. */
  private static String tick(double value, double step) {
    return Figures.decimals(value, Math.max(0, (int) -Math.floor(Math.log10(step))));
  }

  private Point point(long parameters, double nats) {
    double x = Math.max(0, (double) (first - parameters) / Math.max(1, first - last));
    return new Point(
        LEFT + x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - nats / top * (HEIGHT - TOP - BOTTOM));
  }
}
