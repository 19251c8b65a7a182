package io.karipap.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code karipap bench}: the figures of the README. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench trainer [CONFIG.json] (default: the bundled model's)"
          + " | karipap bench rg | karipap bench forms MODEL --calibration TEXT";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    String benchmark = arguments.length == 0 ? "" : arguments[0];
    if (benchmark.equals("forms")) {
      FormsBenchmark.main(List.of(arguments).subList(1, arguments.length));
      return;
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
