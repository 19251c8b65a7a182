package io.karipap.compress.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the flow did: flow.json.
 *
 * @param steps one truncation after the other
 * @param divergences where the model was held against the original
 */
public record AllocationTrace(List<Step> steps, List<Divergence> divergences) {

  /**
   * A truncation.
   *
   * @param matrix which matrix
   * @param action what was done to it
   * @param parameters of this matrix afterwards
   * @param error of this matrix in its metric, not squared
   * @param modelParameters of the whole model
   * @param estimatedLoss of the whole model, nats per token
   */
  record Step(
      String matrix,
      String action,
      long parameters,
      double error,
      long modelParameters,
      double estimatedLoss) {}

  /**
   * A measurement on held-out text.
   *
   * @param modelParameters parameters of the model
   * @param estimatedLoss nats per token
   * @param kl KL divergence from the original, nats per token
   */
  public record Divergence(long modelParameters, double estimatedLoss, double kl) {}

  private static final int WIDTH = 640;
  private static final int HEIGHT = 300;
  private static final int MARGIN = 48;

  public String toJson() {
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a trace can always be written", e);
    }
  }

  /** A section of the report. */
  public String html() {
    return steps.isEmpty() ? planned() : drawn();
  }

  /** Choices of a planner: what they were expected to lose, and lost. */
  private String planned() {
    StringBuilder rows = new StringBuilder();
    for (Divergence d : divergences) {
      rows.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%,d</td><td>%.4f</td><td>%.4f</td></tr>",
              d.modelParameters(),
              d.estimatedLoss(),
              d.kl()));
    }
    return """
    <h2>Plan</h2>
    <p>Choices within the budget, each with curves corrected by what was measured of the one before; the \
    one that diverged the least is this model's, before its last fits. Nats per token, on held-out text.</p>
    <table><tr><th>parameters</th><th>estimated loss</th><th>KL divergence</th></tr>%s</table>
    """
        .formatted(rows);
  }

  /** Parameters against estimated loss and measured divergence. */
  private String drawn() {
    long first = steps.getFirst().modelParameters();
    long last = steps.getLast().modelParameters();
    double top = 1e-9;
    for (Step step : steps) {
      top = Math.max(top, step.estimatedLoss());
    }
    for (Divergence divergence : divergences) {
      top = Math.max(top, divergence.kl());
    }
    List<String> estimated = new ArrayList<>();
    for (Step step : steps) {
      estimated.add(point(step.modelParameters(), step.estimatedLoss(), first, last, top));
    }
    List<String> measured = new ArrayList<>();
    StringBuilder dots = new StringBuilder();
    for (Divergence d : divergences) {
      String at = point(d.modelParameters(), d.kl(), first, last, top);
      measured.add(at);
      String[] xy = at.split(",", 2);
      dots.append(
          "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"#b33\"><title>%,d parameters: %.4f</title></circle>"
              .formatted(xy[0], xy[1], d.modelParameters(), d.kl()));
    }
    return """
    <h2>Flow</h2>
    <p>Bond after bond was truncated where a parameter saved costs the least. Parameters against the \
    <span style="color:#36c">estimated loss</span> and the <span style="color:#b33">KL divergence from \
    the original</span> on held-out text before the last refit, nats per token; %d steps.</p>
    <svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-size="12" fill="none">
    <path d="M%d,%d V%d H%d" stroke="#999"/>
    <polyline points="%s" stroke="#36c" stroke-width="1.5"/>
    <polyline points="%s" stroke="#b33" stroke-width="1.5"/>%s
    <text x="%d" y="%d" fill="#444">%,d</text><text x="%d" y="%d" fill="#444" text-anchor="end">%,d</text>
    <text x="4" y="%d" fill="#444">%.3g</text><text x="4" y="%d" fill="#444">0</text></svg>
    """
        .formatted(
            steps.size(),
            WIDTH,
            HEIGHT,
            WIDTH,
            HEIGHT,
            MARGIN,
            MARGIN / 2,
            HEIGHT - MARGIN / 2,
            WIDTH - MARGIN / 2,
            String.join(" ", estimated),
            String.join(" ", measured),
            dots,
            MARGIN,
            HEIGHT - 4,
            first,
            WIDTH - MARGIN / 2,
            HEIGHT - 4,
            last,
            MARGIN / 2 + 4,
            top,
            HEIGHT - MARGIN / 2);
  }

  private static String point(long parameters, double y, long first, long last, double top) {
    double x = (double) (first - parameters) / Math.max(1, first - last);
    return String.format(
        Locale.ROOT,
        "%.1f,%.1f",
        MARGIN + Math.max(0, x) * (WIDTH - 1.5 * MARGIN),
        HEIGHT - MARGIN / 2.0 - y / top * (HEIGHT - MARGIN));
  }
}
