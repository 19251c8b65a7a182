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
    List<String> options = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    switch (arguments.length == 0 ? "" : arguments[0]) {
      case "trainer" when options.size() <= 1 ->
          TrainerBenchmark.run(options.isEmpty() ? bundledConfig() : Path.of(options.getFirst()));
      case "rg" when options.isEmpty() -> RenormalisationBenchmark.run();
      case "forms" -> FormsBenchmark.main(options);
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
