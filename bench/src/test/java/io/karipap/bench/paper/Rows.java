package io.karipap.bench.paper;

import io.karipap.bench.paper.RowMetrics.Block;
import io.karipap.bench.paper.RowMetrics.Speed;
import io.karipap.bench.paper.RowMetrics.TaskFigures;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import java.util.List;

/** Figures made up for tests: an original of 1000 parameters, and others beside it. */
final class Rows {

  static final RowMetrics ORIGINAL = row("original", Method.ORIGINAL, false, 1000, 4000, 0, 0, 0.5);

  private Rows() {}

  /** A row with one task and one text of two blocks of 100 tokens. */
  static RowMetrics row(
      String label,
      Method method,
      boolean healed,
      long parameters,
      long bytes,
      double firstKl,
      double secondKl,
      double top1) {
    TextFigures text =
        new TextFigures(
            "stories",
            400,
            List.of(
                new Block(100, 2, top1, firstKl, 0.75), new Block(100, 3, top1, secondKl, 0.25)));
    return new RowMetrics(
        label.replace(' ', '-'),
        label,
        method,
        healed,
        parameters,
        bytes,
        4 * parameters,
        List.of(text),
        List.of(new TaskFigures("quiz", 0, method == Method.ORIGINAL ? "1111" : "1010", "")),
        new Speed(0.5, 1, 300, 200, 50, 100),
        1);
  }
}
