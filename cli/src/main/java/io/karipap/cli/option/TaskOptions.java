package io.karipap.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --tasks FILE..} and {@code --limit N}. */
public final class TaskOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--tasks",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Tasks as JSON lines: LAMBADA, PIQA, ARC, COPA, BoolQ, WinoGrande.")
  private List<Path> files = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Examples of each task, evenly spread (default: all).")
  private Optional<Integer> limit = Optional.empty();

  /** The files of the tasks, in the order of the call; may be empty. */
  public List<Path> files() {
    return List.copyOf(files);
  }

  /**
   * The most examples of a task.
   *
   * @throws ParameterException if it is below 1, or given without a task
   */
  public Optional<Integer> limit() {
    require(limit.isEmpty() || !files.isEmpty(), "--limit is for --tasks");
    limit.ifPresent(n -> require(n >= 1, "--limit must be at least 1, not " + n));
    return limit;
  }

  private void require(boolean sensible, String message) {
    if (!sensible) {
      throw new ParameterException(command.commandLine(), message);
    }
  }
}
