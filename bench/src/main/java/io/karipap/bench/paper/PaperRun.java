package io.karipap.bench.paper;

import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes and measures rows, one after the other, and writes the table after each of them. */
final class PaperRun {

  private final PaperOptions inputs;
  private final List<Row> rows;
  private final PrintStream err;
  private final List<String> leftOut = new ArrayList<>();

  /**
   * A run.
   *
   * @param rows the original first
   */
  PaperRun(PaperOptions inputs, List<Row> rows, PrintStream err) {
    this.inputs = inputs;
    this.rows = rows;
    this.err = err;
  }

  /**
   * Runs it. A row that cannot be made (for instance because it is too small for any form) is left
   * out and named in the table.
   *
   * @return the table
   * @throws CheckpointException if an input is bad or nothing can be written
   */
  String run() {
    PaperOptions.Keys keys = PaperOptions.Keys.of(inputs);
    ProgressLog ticker = new ProgressLog(err, rows.size());
    try (var measurement = new Measurement(inputs, ticker)) {
      try {
        Files.createDirectories(inputs.rows());
      } catch (IOException e) {
        throw new CheckpointException("cannot write in " + inputs.output(), e);
      }
      RowStore store = new RowStore(inputs.rows());
      ArtifactBuilder workshop = new ArtifactBuilder(keys, ticker);
      List<RowMetrics> figures = new ArrayList<>();
      rows.forEach(row -> store.read(row, keys.figures(row)).ifPresent(ticker::finished));
      String table = "";
      for (int i = 0; i < rows.size(); i++) {
        Row row = rows.get(i);
        Optional<RowMetrics> known = store.read(row, keys.figures(row));
        if (known.isEmpty()) {
          ticker.row(i + 1, row, left(i, store, keys));
          known = measured(row, workshop, measurement);
          known.ifPresent(f -> {
            store.write(row, keys.figures(row), f);
            ticker.finished(f);
          });
        }
        known.ifPresent(figures::add);
        table = write(figures);
      }
      return table;
    }
  }

  private List<Row> left(int from, RowStore store, PaperOptions.Keys keys) {
    return rows.subList(from, rows.size()).stream()
        .filter(row -> store.read(row, keys.figures(row)).isEmpty())
        .toList();
  }

  private Optional<RowMetrics> measured(
      Row row, ArtifactBuilder workshop, Measurement measurement) {
    long start = System.nanoTime();
    try {
      var folder = workshop.make(row.recipe());
      return Optional.of(measurement.measure(row, folder, (System.nanoTime() - start) * 1e-9));
    } catch (IllegalArgumentException | IllegalStateException e) {
      if (row.method() == Method.ORIGINAL) {
        throw e;
      }
      leftOut.add(row.label() + ": " + e.getMessage());
      err.println("left out " + leftOut.getLast());
      return Optional.empty();
    }
  }

  private String write(List<RowMetrics> figures) {
    PaperTable table = new PaperTable(title(), figures);
    StringBuilder text = new StringBuilder(table.markdown());
    if (!leftOut.isEmpty()) {
      text.append("\n## Left out\n\n");
      leftOut.forEach(reason -> text.append("* ").append(reason).append('\n'));
    }
    AtomicFiles.write(inputs.output().resolve("table.md"), text.toString());
    AtomicFiles.write(inputs.output().resolve("table.json"), table.json().toPrettyString() + "\n");
    AtomicFiles.write(inputs.output().resolve("pareto.svg"), ParetoPlot.svg(figures));
    return text.toString();
  }

  private String title() {
    String heal =
        inputs.healTokens() == 0
            ? "not healed"
            : String.format(
                Locale.ROOT,
                "healed on %,d tokens of %s",
                inputs.healTokens(),
                inputs.healText().getFileName());
    return String.format(
        Locale.ROOT,
        "%s, calibrated on %,d tokens of %s, %s, seed %d",
        inputs.model().toAbsolutePath().normalize().getFileName(),
        inputs.calibrationTokens(),
        inputs.calibration().getFileName(),
        heal,
        inputs.seed());
  }
}
