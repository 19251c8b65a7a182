package io.karipap.bench;

import io.karipap.bench.codes.CodesBenchmark;
import io.karipap.bench.forms.FormsBenchmark;
import io.karipap.bench.paper.PaperBenchmark;
import io.karipap.bench.paper.TablePlot;
import io.karipap.bench.training.TrainingBenchmark;
import io.karipap.checkpoint.CheckpointException;
import java.util.List;

/** {@code karipap bench}: the programs behind the figures of the README and the docs. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench training [MODEL]"
          + " | karipap bench rg | karipap bench codes [MODEL --calibration TEXT] | karipap bench forms MODEL --calibration TEXT"
          + " | karipap bench paper MODEL --calibration TEXT --text TEXT --other TEXT -o DIR"
          + " | karipap bench plot PAGE.md PICTURE.svg";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    String benchmark = arguments.length == 0 ? "" : arguments[0];
    List<String> rest = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    try {
      run(benchmark, rest);
    } catch (CheckpointException | IllegalStateException e) {
      System.err.println("karipap: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(String benchmark, List<String> rest) {
    switch (benchmark) {
      case "codes" -> System.exit(CodesBenchmark.run(rest, System.out, System.err));
      case "forms" -> FormsBenchmark.main(rest);
      case "training" -> TrainingBenchmark.main(rest);
      case "paper" -> System.exit(PaperBenchmark.run(rest, System.out, System.err));
      case "plot" -> TablePlot.main(rest);
      case "rg" -> RenormalizationBenchmark.run();
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }
}
