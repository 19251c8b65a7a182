package io.karipap.cli;

import io.karipap.cli.command.BaseCommand;
import io.karipap.cli.command.CompressCommand;
import io.karipap.cli.command.EvalCommand;
import io.karipap.cli.command.GaugeCommand;
import io.karipap.cli.command.GenerateCommand;
import io.karipap.cli.command.HealCommand;
import io.karipap.cli.command.InspectCommand;
import io.karipap.cli.command.LatticeCommand;
import io.karipap.cli.command.ProfileCommand;
import io.karipap.cli.command.QuantizeCommand;
import io.karipap.cli.command.TrainCommand;
import io.karipap.cli.console.ErrorLine;
import io.karipap.cli.console.Streams;
import io.karipap.cli.demo.DemoCommand;
import io.karipap.compress.Version;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code karipap} command. Exit status: 0 done, 1 the work failed, 2 the call was wrong. */
@Command(
    name = "karipap",
    description = "Compresses language models as two-dimensional tensor networks.",
    mixinStandardHelpOptions = true,
    version = "karipap " + Version.NUMBER,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "MODEL is a folder in Hugging Face layout, original or compressed, or a bundled model's"
          + " name.",
      "Start with: karipap demo"
    })
public final class Karipap implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  private Karipap() {}

  /** The program. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT); // numbers look the same everywhere
    System.exit(run(args, System.out, System.err));
  }

  /**
   * Runs one command.
   *
   * @param out gets the results
   * @param err gets progress, notes and errors
   * @return the exit status
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    CommandLine line = commandLine(new Streams(out, err, Boolean.getBoolean("karipap.terminal")));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      return ErrorLine.of(e).print(err);
    }
  }

  /** The command line with all commands and their options. */
  public static CommandLine commandLine(Streams streams) {
    CommandLine line =
        new CommandLine(new Karipap())
            .addSubcommand(new DemoCommand(streams))
            .addSubcommand(new InspectCommand(streams))
            .addSubcommand(new ProfileCommand(streams))
            .addSubcommand(new CompressCommand(streams))
            .addSubcommand(new GaugeCommand(streams))
            .addSubcommand(new HealCommand(streams))
            .addSubcommand(new QuantizeCommand(streams))
            .addSubcommand(new EvalCommand(streams))
            .addSubcommand(new GenerateCommand(streams))
            .addSubcommand(new TrainCommand(streams))
            .addSubcommand(new LatticeCommand(streams))
            .addSubcommand(new HelpCommand());
    return line.setOut(new PrintWriter(streams.out(), true, streams.out().charset()))
        .setErr(new PrintWriter(streams.err(), true, streams.err().charset()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(
            (e, _) -> ErrorLine.ofCall(e, e.getCommandLine()).print(streams.err()))
        .setExecutionExceptionHandler((e, command, _) -> failed(e, command, streams));
  }

  private static int failed(Exception e, CommandLine command, Streams streams) {
    if (command.getCommand() instanceof BaseCommand work && work.isVerbose()) {
      e.printStackTrace(streams.err());
    }
    return ErrorLine.of(e).withHelp(command).print(streams.err());
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? Known are " + String.join(", ", spec.subcommands().keySet()));
  }
}
