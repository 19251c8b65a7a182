package io.karipap.compress.report;

import io.karipap.compress.report.Measurements.Scores;
import java.util.Optional;
import java.util.function.Function;

/**
 * The head of a report: the sizes, and the behavior of both models if it was measured.
 *
 * @param parametersBefore numbers in the original
 * @param parametersAfter numbers in the compressed model
 * @param bytesBefore of the original in float32
 * @param bytesAfter of the tensors as written
 * @param originalBytes of the original's files of weights, 0 if unknown
 * @param measured the last measurements
 * @param older whether the model was changed after them
 */
record GlanceSection(
    long parametersBefore,
    long parametersAfter,
    long bytesBefore,
    long bytesAfter,
    long originalBytes,
    Optional<Measurements> measured,
    boolean older) {

  /** Marks what was measured before the model was changed. */
  static final String BEFORE = "before the change";

  /** A sentence, the figures in large print, and all of them in a table. */
  String html() {
    return sentence()
        + tiles()
        + "<div class=\"columns\">\n"
        + table()
        + measured.map(this::how).orElse("")
        + "</div>\n";
  }

  private String sentence() {
    String size =
        "The compressed model has <b>%s</b> of the original's bytes in float32 and <b>%s</b> of its parameters."
            .formatted(
                Figures.share(bytesAfter, bytesBefore),
                Figures.share(parametersAfter, parametersBefore));
    String stored =
        originalBytes > 0 && originalBytes < 0.9 * bytesBefore
            ? " The original's files hold its numbers in fewer bits, %s: the compressed model has %s of that."
                .formatted(Figures.bytes(originalBytes), Figures.share(bytesAfter, originalBytes))
            : "";
    String close =
        measured
            .map(m ->
                " %s the same next token likeliest in <b>%s</b> of %s places of %s."
                    .formatted(
                        older ? "Before the change, both models found" : "Both models find",
                        Figures.percent(m.agreement()),
                        Figures.count(m.tokens()),
                        text(m)))
            .orElse("");
    return "<p>" + size + stored + close + "</p>\n";
  }

  private static String text(Measurements m) {
    return m.heldOut()
        ? "held-out text"
        : "the calibration text (it is too short to hold a part of it out)";
  }

  private String tiles() {
    StringBuilder tiles = new StringBuilder("<ul class=\"tiles\">\n");
    tile(
        tiles,
        "Bytes",
        Figures.bytes(bytesAfter),
        "%s of %s".formatted(Figures.share(bytesAfter, bytesBefore), Figures.bytes(bytesBefore)));
    tile(
        tiles,
        "Parameters",
        Figures.compact(parametersAfter),
        "%s of %s"
            .formatted(
                Figures.share(parametersAfter, parametersBefore),
                Figures.compact(parametersBefore)));
    measured.ifPresent(m -> {
      measured(
          tiles,
          "KL divergence",
          Figures.decimals(m.kl(), 4),
          "nats per token, of the compressed model from the original");
      measured(
          tiles,
          "Agreement",
          Figures.percent(m.agreement()),
          "of tokens for which both models find the same one likeliest");
      measured(
          tiles,
          "Top-1",
          Figures.percent(m.compressed().top1()),
          "of tokens predicted; original %s".formatted(Figures.percent(m.original().top1())));
      measured(
          tiles,
          "Speed",
          speed(m.compressed()),
          "tokens per second; original %s".formatted(speed(m.original())));
    });
    return tiles.append("</ul>\n").toString();
  }

  private static void tile(StringBuilder tiles, String label, String figure, String note) {
    tiles.append(
        "<li><span>%s</span> <b>%s</b> <span>%s</span></li>\n".formatted(label, figure, note));
  }

  private void measured(StringBuilder tiles, String label, String figure, String note) {
    tiles.append(
        "<li%s><span>%s</span> <b>%s</b> <span>%s</span></li>\n"
            .formatted(
                older ? " class=\"older\"" : "",
                label,
                figure,
                older ? note + "; " + BEFORE : note));
  }

  private String table() {
    StringBuilder rows = new StringBuilder();
    row(rows, "parameters", Figures.count(parametersBefore), Figures.count(parametersAfter));
    row(rows, "bytes, original in float32", Figures.count(bytesBefore), Figures.count(bytesAfter));
    if (older && measured.isPresent()) {
      rows.append(
          "<tr><th scope=\"rowgroup\" class=\"older\" colspan=\"3\">%s:\n".formatted(BEFORE));
    }
    scores(rows, "loss, nats per token", s -> Figures.decimals(s.loss(), 4));
    scores(rows, "perplexity", s -> Figures.decimals(s.perplexity(), 3));
    scores(rows, "top-1", s -> Figures.percent(s.top1()));
    scores(rows, "tokens per second", GlanceSection::speed);
    return "<table><thead><tr><th scope=\"col\"><th scope=\"col\">original<th scope=\"col\">compressed</thead><tbody>%s</tbody></table>\n"
        .formatted(rows);
  }

  private void scores(StringBuilder rows, String label, Function<Scores, String> figure) {
    measured.ifPresent(
        m -> row(rows, label, figure.apply(m.original()), figure.apply(m.compressed())));
  }

  private static void row(StringBuilder rows, String label, String before, String after) {
    rows.append("<tr><th scope=\"row\">%s<td>%s<td>%s\n".formatted(label, before, after));
  }

  private static String speed(Scores scores) {
    return scores.tokensPerSecond() < 100
        ? Figures.decimals(scores.tokensPerSecond(), 1)
        : Figures.count(Math.round(scores.tokensPerSecond()));
  }

  private String how(Measurements m) {
    return """
    <p class="small muted">%s on the last %s tokens of <i>%s</i> that %s. The KL divergence \
    is the mean of KL(original ‖ compressed) over the next tokens: 0 if both models always give the same \
    probabilities. Top-1 is the share of tokens that a model finds likeliest before it sees them. Speed is that of one sequence, token by token, in float32 \
    with networks contracted to matrices, on the machine of this run (%s).</p>
    """
        .formatted(
            older ? "Measured before the change," : "Measured",
            Figures.count(m.tokens()),
            Html.escaped(m.text()),
            m.heldOut() ? "neither fits nor healing used" : "the run used as well",
            m.threads() == 1 ? "1 processor" : m.threads() + " processors");
  }
}
