package io.karipap.bench.paper;

import static io.karipap.bench.paper.PaperText.format;
import static io.karipap.bench.paper.PaperText.percent;

import io.karipap.bench.paper.Comparison.Verdict;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the figures say, in words. */
final class Summary {

  /** Published loss of accuracy of the method, relative to the original. */
  private static final double PUBLISHED_ACCURACY_LOSS = 0.03;

  private static final Set<Method> SINGLE =
      EnumSet.of(Method.HALF, Method.GPTQ, Method.PRUNING, Method.LOW_RANK, Method.MPO);

  /**
   * Subjects and references: planner, entropy-coded integers and quantized networks by bytes,
   * networks by parameters.
   */
  static final List<Comparison> COMPARISONS =
      List.of(
          new Comparison(
              Axis.BYTES,
              EnumSet.of(Method.PLANNER),
              with(Method.LOW_RANK_CODED, Method.NETWORK, Method.NETWORK_CODED)),
          new Comparison(
              Axis.BYTES,
              EnumSet.of(Method.ENTROPY_CODED),
              with(Method.LOW_RANK_CODED, Method.NETWORK, Method.NETWORK_CODED, Method.PLANNER)),
          new Comparison(Axis.BYTES, EnumSet.of(Method.NETWORK_CODED), with(Method.LOW_RANK_CODED)),
          new Comparison(
              Axis.PARAMETERS,
              EnumSet.of(Method.NETWORK),
              // few bits keep every parameter
              EnumSet.of(Method.PRUNING, Method.LOW_RANK, Method.MPO)));

  private final List<RowMetrics> rows;
  private final RowMetrics original;

  private Summary(List<RowMetrics> rows) {
    this.rows = rows;
    this.original = rows.getFirst();
  }

  private static Set<Method> with(Method... further) {
    EnumSet<Method> methods = EnumSet.copyOf(SINGLE);
    methods.addAll(List.of(further));
    return methods;
  }

  /** Sentences about rows, of which the first is the original. */
  static List<String> of(List<RowMetrics> rows) {
    return new Summary(rows).sentences();
  }

  private List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    for (int text = 0; text < original.texts().size(); text++) {
      for (Comparison comparison : COMPARISONS) {
        against(comparison, text, sentences);
      }
      near(text, sentences);
    }
    return sentences;
  }

  private void against(Comparison comparison, int text, List<String> sentences) {
    List<Verdict> verdicts = comparison.verdicts(rows, text);
    if (verdicts.isEmpty()) {
      return;
    }
    String subjects =
        comparison.subjects().stream().map(Method::label).collect(Collectors.joining("; "));
    String references =
        comparison.references().stream()
            .sorted()
            .map(Method::label)
            .collect(Collectors.joining("; "));
    sentences.add(
        format(
            "On %s, by %s, %d of %d rows of %s lie on or below the lower hull of %s (%d below it).",
            name(text),
            comparison.axis().unit(),
            verdicts.stream().filter(Verdict::isOnOrBelow).count(),
            verdicts.size(),
            subjects,
            references,
            verdicts.stream().filter(Verdict::isBelow).count()));
    verdicts.forEach(verdict -> sentences.add(sentence(verdict, comparison.axis(), text)));
  }

  private String sentence(Verdict verdict, Axis axis, int text) {
    RowMetrics row = verdict.row();
    String head =
        format(
            "At %s of the %s, %s diverges by %s nats per token on %s",
            percent(axis.share(row, original)),
            axis.unit(),
            row.label(),
            nats(row.texts().get(text).kl().value()),
            name(text));
    if (verdict.corners().isEmpty()) {
      return head + ": no other method is that small." + quantized(row, axis, text);
    }
    String where =
        verdict.isBelow()
            ? "below it"
            : verdict.isOnOrBelow() ? "on it within two standard errors" : "above it";
    return head
        + format(
            ", the hull (%s) by %s: %s, %s.",
            verdict.corners().stream().map(RowMetrics::label).collect(Collectors.joining("; ")),
            nats(verdict.hull()),
            where,
            change(verdict.difference(), verdict.standardError()))
        + quantized(row, axis, text);
  }

  /** The plain quantization that is nearest in bytes. */
  private String quantized(RowMetrics row, Axis axis, int text) {
    Optional<RowMetrics> nearest =
        rows.stream()
            .filter(r -> r.method() == Method.GPTQ && (row.healed() || !r.healed()))
            .min(
                Comparator.<RowMetrics>comparingLong(r -> Math.abs(r.bytes() - row.bytes()))
                    .thenComparingDouble(r -> r.texts().get(text).kl().value()));
    return axis == Axis.BYTES && nearest.isPresent()
        ? format(
            " The nearest quantization, %s (%s), diverges by %s.",
            nearest.get().label(),
            percent(axis.share(nearest.get(), original)),
            nats(nearest.get().texts().get(text).kl().value()))
        : "";
  }

  /** e^x - 1 in percent, or e^x where that is large, with its error to first order. */
  private static String change(double logarithm, double error) {
    double ratio = Math.exp(logarithm);
    if (ratio > 2) {
      String times = format("%.1f", ratio);
      return (Double.isFinite(error) ? times + format(" ± %.1f", ratio * error) : times)
          + " times as much";
    }
    String value = format("%+.1f %%", 100 * (ratio - 1));
    return Double.isFinite(error) ? value + format(" ± %.1f", 100 * ratio * error) : value;
  }

  /** Where healed models predict nearly as the original does. */
  private void near(int text, List<String> sentences) {
    double aim = (1 - PUBLISHED_ACCURACY_LOSS) * top1(original, text);
    for (Method method : Method.values()) {
      List<RowMetrics> healed =
          rows.stream()
              .filter(row -> row.method() == method && row.healed())
              .sorted(Comparator.comparingLong(RowMetrics::bytes))
              .toList();
      if (healed.isEmpty()) {
        continue;
      }
      Optional<RowMetrics> smallest =
          healed.stream().filter(row -> top1(row, text) >= aim).findFirst();
      RowMetrics shown =
          smallest.orElseGet(() ->
              healed.stream()
                  .max(Comparator.comparingDouble(row -> top1(row, text)))
                  .orElseThrow());
      sentences.add(
          format(
              smallest.isPresent()
                  ? "Healed, %s comes within 3 %% of the original's top-1 on %s from %s on: %s."
                  : "Healed, %s does not come within 3 %% of the original's top-1 on %s; nearest is %s: %s.",
              method.label(),
              name(text),
              shown.label(),
              kept(shown, text)));
    }
  }

  private String kept(RowMetrics row, int text) {
    TextFigures figures = row.texts().get(text);
    double reference = top1(original, text);
    String error =
        Double.isFinite(figures.top1().standardError())
            ? format(" ± %.1f", 100 * figures.top1().standardError() / reference)
            : "";
    return format(
        "%s of the parameters, %s of the bytes, %.1f%s %% of the original's top-1 of %.1f %%",
        percent(Axis.PARAMETERS.share(row, original)),
        percent(Axis.BYTES.share(row, original)),
        100 * top1(row, text) / reference,
        error,
        100 * reference);
  }

  private static double top1(RowMetrics row, int text) {
    return row.texts().get(text).top1().value();
  }

  private String name(int text) {
    return original.texts().get(text).name();
  }

  private static String nats(double kl) {
    return format(kl < 0.01 ? "%.2g" : "%.3f", kl);
  }
}
