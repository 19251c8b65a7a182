package io.karipap.cli.option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --calibration-tokens N}. */
public final class CalibrationTokensOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--calibration-tokens",
      paramLabel = "N",
      description = "Tokens of the calibration text to use (default: ${DEFAULT-VALUE}).")
  private int tokens;

  /**
   * The option of a command.
   *
   * @param standard tokens when the option is not given
   */
  public CalibrationTokensOption(int standard) {
    this.tokens = standard;
  }

  /**
   * The number of tokens.
   *
   * @throws ParameterException if it is below 2
   */
  public int tokens() {
    if (tokens < 2) {
      throw new ParameterException(
          command.commandLine(), "--calibration-tokens must be at least 2, not " + tokens);
    }
    return tokens;
  }
}
