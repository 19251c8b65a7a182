package io.karipap.bench.paper;

import io.karipap.compress.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Lines on standard error: the current row, the current stage, and an estimate of the time left.
 */
final class ProgressLog implements Progress {

  private static final long INTERVAL = Duration.ofSeconds(10).toNanos();

  private final PrintStream err;
  private final int rows;
  private final List<RowMetrics> finished = new ArrayList<>();
  private String head = "";
  private String stage = "";
  private long total = 1;
  private long begun;
  private long shown;

  ProgressLog(PrintStream err, int rows) {
    this.err = err;
    this.rows = rows;
  }

  /** A row has been finished, now or in an earlier run. */
  void finished(RowMetrics figures) {
    finished.add(figures);
  }

  /** A row begins. */
  void row(int number, Row row, List<Row> left) {
    head = "[%d/%d] %s".formatted(number, rows, row.label());
    err.println(head + ", " + timeLeft(left));
  }

  /** The rows that are left, at the mean time of finished ones of their kind, or else of all. */
  private String timeLeft(List<Row> left) {
    double seconds = 0;
    for (Row row : left) {
      OptionalDouble kind = mean(row.method(), row.recipe().healed());
      OptionalDouble any = finished.stream().mapToDouble(RowMetrics::seconds).average();
      if (any.isEmpty()) {
        return "time left unknown";
      }
      seconds += kind.orElse(any.getAsDouble());
    }
    return "about " + duration(seconds) + " left";
  }

  private OptionalDouble mean(Method method, boolean healed) {
    return finished.stream()
        .filter(f -> f.method() == method && f.healed() == healed)
        .mapToDouble(RowMetrics::seconds)
        .average();
  }

  static String duration(double seconds) {
    Duration d = Duration.ofSeconds(Math.round(seconds));
    return d.toHours() > 0
        ? "%d h %02d min".formatted(d.toHours(), d.toMinutesPart())
        : d.toMinutes() > 0
            ? "%d min %02d s".formatted(d.toMinutes(), d.toSecondsPart())
            : d.toSeconds() + " s";
  }

  @Override
  public void stage(String name, long total) {
    this.stage = name;
    this.total = Math.max(1, total);
    this.begun = System.nanoTime();
    this.shown = begun;
  }

  @Override
  public void at(long done, String note) {
    long now = System.nanoTime();
    if (now - shown >= INTERVAL) {
      shown = now;
      double share = (double) done / total;
      String left =
          share > 0 ? ", " + duration((now - begun) * 1e-9 * (1 / share - 1)) + " of it left" : "";
      err.println(
          String.format(
              Locale.ROOT,
              "%s: %s %.0f %%%s%s",
              head,
              stage,
              100 * share,
              left,
              note.isEmpty() ? "" : " (" + note + ")"));
    }
  }
}
