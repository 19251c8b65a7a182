package io.karipap.compress.report;

import io.karipap.compress.Budget;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.HealRequest;
import io.karipap.model.gauge.Symmetry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The parameters of a run as lines of a name and a value, for runs that no command started. */
public final class RunParameters {

  /** A token of healing passes forwards through two models, and backwards through one. */
  public static final long HEALING_COST = 4;

  private final List<String> lines = new ArrayList<>();

  private RunParameters() {}

  /** Of a compression. */
  public static List<String> of(CompressionRequest request) {
    RunParameters run = new RunParameters();
    run.line("model", request.model());
    run.line("calibration", request.calibration().file());
    run.line("calibration tokens", request.calibration().tokens());
    request
        .allocation()
        .recipe()
        .ifPresentOrElse(
            recipe -> run.line("recipe", recipe),
            () -> run.line("budget", budget(request.allocation().budget())));
    run.line("form", request.fit().form().label());
    request.fit().grid().ifPresent(grid -> run.line("grid", grid));
    run.line(
        "gauge",
        request
            .gauge()
            .map(gauge -> gauge.isEmpty() ? "none" : String.join(", ", Symmetry.labels(gauge)))
            .orElse(request.allocation().planning().isPresent() ? "values" : "by measured error"));
    if (request.fit().cells() > 0) {
      run.line("cells", request.fit().cells());
    }
    request
        .allocation()
        .flow()
        .ifPresent(flow ->
            run.line(
                "flow",
                Double.isFinite(flow.maxKl())
                    ? "to a KL divergence of " + flow.maxKl()
                    : "to the budget"));
    request
        .allocation()
        .quantization()
        .ifPresent(scheme ->
            run.line(
                "numbers",
                "%s in groups of %d".formatted(scheme.format().label(), scheme.group())));
    run.line("fit iterations", request.fit().iterations());
    run.line("healing tokens", request.run().healTokens());
    run.line("seed", request.run().seed());
    return List.copyOf(run.lines);
  }

  private static String budget(Budget budget) {
    String unit = budget.unit().label();
    return budget.relative()
        ? "%s of the original's %s".formatted(Figures.percent(budget.amount()), unit)
        : "%s %s".formatted(Figures.count(Math.round(budget.amount())), unit);
  }

  /** Of a healing. */
  public static List<String> of(HealRequest request) {
    RunParameters run = new RunParameters();
    run.line("teacher", request.teacher());
    request.text().ifPresent(text -> run.line("text", text));
    if (request.sample() > 0) {
      run.line("sampled tokens", request.sample());
    }
    run.line("tokens", request.tokens());
    run.line("trained", request.options().train().label());
    run.line("learning rate", request.options().learningRate());
    run.line("hidden weight", request.options().hiddenWeight());
    run.line("patience", request.options().patience());
    run.line("blockwise tokens", request.options().blockwise());
    run.line("seed", request.seed());
    return List.copyOf(run.lines);
  }

  private void line(String name, Path file) {
    line(name, (Object) file.toString());
  }

  private void line(String name, Object value) {
    lines.add(name + ": " + value);
  }
}
