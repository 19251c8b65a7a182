package io.karipap.bench.console;

import io.karipap.checkpoint.CheckpointException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** A benchmark with options as a command line: every failure is one line. */
public final class BenchmarkCommand {

  private BenchmarkCommand() {}

  /**
   * The command line of a benchmark. Its exit status is 0 if the work is done, 1 if it failed, 2 if
   * the call was wrong.
   *
   * @param command annotated with its options; gives its status
   * @param out gets results
   * @param err gets errors
   */
  public static CommandLine of(Callable<Integer> command, PrintStream out, PrintStream err) {
    CommandLine line = new CommandLine(command);
    String name = line.getCommandName();
    return line.setOut(new PrintWriter(out, true, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(
            (e, _) -> failed(err, "%s; see %s --help".formatted(e.getMessage(), name), 2))
        .setExecutionExceptionHandler((e, _, _) -> failed(err, e));
  }

  private static int failed(PrintStream err, Exception failure) {
    return switch (failure) {
      case CheckpointException e -> failed(err, reason(e), 1);
      case IllegalArgumentException e -> failed(err, reason(e), 2);
      case UncheckedIOException e -> failed(err, reason(e) + "; check the path and the space", 1);
      case Exception e -> failed(err, "internal error: " + e, 1);
    };
  }

  private static int failed(PrintStream err, String message, int status) {
    err.println("karipap: " + message.lines().findFirst().orElse(""));
    return status;
  }

  private static String reason(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
