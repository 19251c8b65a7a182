package io.karipap.cli.option;

import io.karipap.compress.FitSettings;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --iterations N}. */
public final class IterationsOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Iterations of a fit at most (default: ${DEFAULT-VALUE}).")
  private int count = FitSettings.ITERATIONS;

  /**
   * The most iterations of one fit.
   *
   * @throws ParameterException if they are negative
   */
  public int count() {
    if (count < 0) {
      throw new ParameterException(
          command.commandLine(), "--iterations must not be negative, not " + count);
    }
    return count;
  }
}
