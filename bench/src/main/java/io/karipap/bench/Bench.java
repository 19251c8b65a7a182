package io.karipap.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code karipap bench}: the figures of the README. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench trainer [CONFIG.json] (default: the bundled model's)";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("forms")) {
      FormsBenchmark.main(List.of(arguments).subList(1, arguments.length));
      return;
    }
    if (arguments.length < 1 || arguments.length > 2 || !arguments[0].equals("trainer")) {
      System.err.println(USAGE);
      System.exit(2);
    }
    String home = System.getProperty("karipap.home", ".");
    TrainerBenchmark.run(
        arguments.length == 2
            ? Path.of(arguments[1])
            : Path.of(home, "models", "karipap-tales", "config.json"));
  }
}
