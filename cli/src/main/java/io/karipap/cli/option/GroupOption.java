package io.karipap.cli.option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --group N}: the group size of a quantization. */
public final class GroupOption {

  private static final int MAX = 1024;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--group",
      paramLabel = "N",
      description = "Numbers that share a scale (default: ${DEFAULT-VALUE}).")
  private int size = 64;

  /**
   * Numbers that share a scale.
   *
   * @throws ParameterException unless they are 1 to 1024
   */
  public int size() {
    if (size < 1 || size > MAX) {
      throw new ParameterException(
          command.commandLine(), "--group must be 1 to %d, not %d".formatted(MAX, size));
    }
    return size;
  }
}
