package io.karipap.cli.console;

import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The one line that is printed for a failure.
 *
 * @param message what is wrong, where, and what to do
 * @param status exit status: 1 the work failed, 2 the call was wrong
 */
public record ErrorLine(String message, int status) {

  private static final Pattern PARAMETER = Pattern.compile("`([a-z][A-Za-z]*)`");

  private static final int FAILED = 1;
  private static final int WRONG_CALL = 2;

  /** A call that could not be understood. */
  public static ErrorLine ofCall(ParameterException e, CommandLine command) {
    return new ErrorLine(oneLine(reason(e)), WRONG_CALL).withHelp(command);
  }

  /** The same with where to read how the command is called, if it was called wrongly. */
  public ErrorLine withHelp(CommandLine command) {
    String name = command.getCommandName();
    String help = name.equals("karipap") ? "karipap --help" : "karipap help " + name;
    return status == WRONG_CALL ? new ErrorLine(message + "; see " + help, status) : this;
  }

  /** A failure of the work itself. */
  public static ErrorLine of(Throwable failure) {
    return switch (failure) {
      case CheckpointException e -> new ErrorLine(oneLine(reason(e)), FAILED);
      case IllegalArgumentException e -> new ErrorLine(oneLine(reason(e)), WRONG_CALL);
      case UncheckedIOException e -> of(Objects.requireNonNullElse(e.getCause(), e));
      case IOException e ->
          new ErrorLine(
              oneLine(reason(e)) + "; check the path, its permissions and the free space", FAILED);
      case CommandFailedException e -> new ErrorLine(oneLine(reason(e)), FAILED);
      case OutOfMemoryError _ -> outOfMemory();
      case Throwable e when reason(e).contains("allocate memory") -> outOfMemory();
      case Throwable e ->
          new ErrorLine(
              "internal error: %s: %s (run with --verbose for the stack trace)"
                  .formatted(e.getClass().getSimpleName(), oneLine(reason(e))),
              FAILED);
    };
  }

  private static ErrorLine outOfMemory() {
    return new ErrorLine(
        "out of memory; close other programs, use a smaller --context, or give the heap more with"
            + " KARIPAP_JAVA_OPTIONS=-Xmx8g",
        FAILED);
  }

  /** Prints {@code karipap: message} and gives the exit status. */
  public int print(PrintStream err) {
    err.println("karipap: " + message);
    err.flush();
    return status;
  }

  private static String reason(Throwable e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }

  /**
   * Turns the names of parameters, which the library writes as {@code `maxKl`}, into options:
   * {@code --max-kl}.
   */
  private static String withOptions(String message) {
    return PARAMETER
        .matcher(message)
        .replaceAll(
            name -> "--" + name.group(1).replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT));
  }

  private static String oneLine(String message) {
    return withOptions(message)
        .replaceFirst("^Error: ", "")
        .lines()
        .findFirst()
        .orElse("")
        .strip()
        .replaceAll("[.;:]+$", "");
  }
}
