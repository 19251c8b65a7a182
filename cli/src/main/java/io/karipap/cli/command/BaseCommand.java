package io.karipap.cli.command;

import io.karipap.cli.console.Console;
import io.karipap.cli.console.ShellWords;
import io.karipap.cli.console.Streams;
import io.karipap.tensor.Threads;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The common part of all commands: output streams and number of threads. */
@Command(mixinStandardHelpOptions = true)
public abstract class BaseCommand implements Callable<Integer> {

  /** The level of this project's loggers; simplelogger.properties has that of all others. */
  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.log.io.karipap";

  private final Streams streams;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Print one JSON object and nothing else.")
  private boolean json;

  @Option(
      names = "--verbose",
      description = "Log every stage of the work, and show the stack trace of an error.")
  private boolean verbose;

  @Option(names = "--threads", paramLabel = "N", description = "Processors to use (default: all).")
  private Optional<Integer> threads = Optional.empty();

  protected BaseCommand(Streams streams) {
    this.streams = streams;
  }

  /** Does the work. */
  protected abstract void run(Console console);

  /** Whether errors are shown with their stack traces. */
  public final boolean isVerbose() {
    return verbose;
  }

  @Override
  public final Integer call() {
    if (verbose) {
      System.setProperty(LOG_LEVEL, "info"); // is read when the first logger is made
    }
    threads.ifPresent(
        count -> require(count >= 1 && count <= 9999, "--threads must be 1 to 9999, not " + count));
    Console console = new Console(streams, json);
    threads.ifPresent(Threads::use);
    run(console);
    streams.out().flush();
    return 0;
  }

  /** The whole command as it was typed, in words that a shell reads as they are. */
  protected final String typed() {
    return ShellWords.joined("karipap", spec.root().commandLine().getParseResult().originalArgs());
  }

  /** Refuses a call with a message unless what it asks for makes sense. */
  protected final void require(boolean sensible, String message) {
    if (!sensible) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
