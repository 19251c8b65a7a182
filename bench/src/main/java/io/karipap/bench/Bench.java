package io.karipap.bench;

import java.util.List;

/** {@code karipap bench}: the figures of the README. */
public final class Bench {

  private static final String USAGE =
      "karipap: usage: karipap bench training [MODEL]"
          + " | karipap bench rg | karipap bench forms MODEL --calibration TEXT";

  /** Runs a form for the benchmark of training; not for people. */
  static final String TRAINING_PROCESS = "training-process";

  private Bench() {}

  /** Runs the benchmark that is named first. */
  public static void main(String[] arguments) {
    String benchmark = arguments.length == 0 ? "" : arguments[0];
    List<String> rest = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    switch (benchmark) {
      case "forms" -> FormsBenchmark.main(rest);
      case "training" -> TrainingBenchmark.main(rest);
      case TRAINING_PROCESS -> TrainingProcess.main(rest);
      case "rg" -> RenormalisationBenchmark.run();
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }
}
