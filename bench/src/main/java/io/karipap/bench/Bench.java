package io.karipap.bench;

import java.nio.file.Path;

/** {@code karipap bench}: the figures of the README. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench trainer [CONFIG.json] (default: the bundled model's)"
          + " | karipap bench rg";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    String benchmark = arguments.length == 0 ? "" : arguments[0];
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
