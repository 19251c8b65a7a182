package io.karipap.bench;

import io.karipap.bench.paper.PaperBenchmark;
import java.nio.file.Path;
import java.util.List;

/** {@code karipap bench}: the figures of the README. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench trainer [CONFIG.json] (default: the bundled model's)"
          + " | karipap bench rg | karipap bench forms MODEL --calibration TEXT"
          + " | karipap bench paper MODEL --calibration TEXT --text TEXT --other TEXT -o DIR";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    String benchmark = arguments.length == 0 ? "" : arguments[0];
    if (benchmark.equals("forms")) {
      FormsBenchmark.main(List.of(arguments).subList(1, arguments.length));
      return;
    }
    if (benchmark.equals("paper")) {
      System.exit(
          PaperBenchmark.run(
              List.of(arguments).subList(1, arguments.length), System.out, System.err));
    }
    switch (benchmark + " " + arguments.length) {
      case "trainer 1" -> TrainerBenchmark.run(bundledConfig());
      case "trainer 2" -> TrainerBenchmark.run(Path.of(arguments[1]));
      case "rg 1" -> RenormalisationBenchmark.run();
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }

  private static Path bundledConfig() {
    String home = System.getProperty("karipap.home", ".");
    return Path.of(home, "models", "karipap-tales", "config.json");
  }
}
