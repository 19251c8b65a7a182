package io.karipap.cli.option;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code --calibration FILE} and {@code --calibration-tokens N}. */
public final class CalibrationOptions {

  @Option(
      names = "--calibration",
      required = true,
      paramLabel = "FILE",
      description = "UTF-8 text that the layers' inputs are taken from.")
  private Path text = Path.of("");

  @Mixin private final CalibrationTokensOption tokens;

  /**
   * The options of a command.
   *
   * @param standard tokens when {@code --calibration-tokens} is not given
   */
  public CalibrationOptions(int standard) {
    this.tokens = new CalibrationTokensOption(standard);
  }

  /** The file of the text. */
  public Path text() {
    return text;
  }

  /**
   * Tokens of the text to use at most.
   *
   * @throws ParameterException if they are fewer than 2
   */
  public int tokens() {
    return tokens.tokens();
  }
}
