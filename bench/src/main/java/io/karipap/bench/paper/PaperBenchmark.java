package io.karipap.bench.paper;

import io.karipap.bench.console.BenchmarkCommand;
import io.karipap.cli.command.ModelFolder;
import io.karipap.cli.option.CalibrationOptions;
import io.karipap.cli.option.IterationsOption;
import io.karipap.cli.option.SeedOption;
import io.karipap.cli.option.TaskOptions;
import io.karipap.compress.CalibrationText;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap bench paper}: the table of the published comparison, for any model. */
@Command(
    name = "karipap bench paper",
    mixinStandardHelpOptions = true,
    description = {
      "One model as it is, in few bits, pruned, at low rank, as an MPO and as networks, before and"
          + " after healing: sizes, predictions, tasks, speed.",
      "The same call goes on after an interruption, and skips rows that are finished."
    })
public final class PaperBenchmark implements Callable<Integer> {

  private static final int TEXT_TOKENS = 1 << 16;

  private final PrintStream out;
  private final PrintStream err;

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Mixin
  private final CalibrationOptions calibration = new CalibrationOptions(CalibrationText.TOKENS);

  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "Text to predict, of the calibration's domain.")
  private Path text = Path.of("");

  @Option(
      names = "--other",
      required = true,
      paramLabel = "FILE",
      description = "Text to predict, of another domain.")
  private Path other = Path.of("");

  @Option(
      names = "--heal",
      paramLabel = "TOKENS",
      description = "Also healed rows, each distilled on so many tokens.")
  private long heal;

  @Option(
      names = "--heal-text",
      paramLabel = "FILE",
      description = "Text to distil on (default: that of --calibration).")
  private Optional<Path> healText = Optional.empty();

  @Mixin private final TaskOptions tasks = new TaskOptions();

  @Option(
      names = "--rows",
      paramLabel = "REGEX",
      description = "Only the original and rows whose name has a match; --list shows the names.")
  private String rows = "";

  @Option(names = "--list", description = "Print names and labels of the rows, and end.")
  private boolean list;

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "SHARE",
      description = "Of the parameters to keep (default: 0.2,0.3,0.4,0.5,0.6,0.8).")
  private List<Double> shares = List.of(0.2, 0.3, 0.4, 0.5, 0.6, 0.8);

  @Option(
      names = "--budgets",
      split = ",",
      paramLabel = "SHARE",
      description = "Of the float32 bytes, for the planner (default: 0.05,0.07,0.1,0.15,0.25).")
  private List<Double> budgets = List.of(0.05, 0.07, 0.1, 0.15, 0.25);

  @Option(
      names = "--text-tokens",
      paramLabel = "N",
      description = "Tokens of each text to predict (default: ${DEFAULT-VALUE}).")
  private int textTokens = TEXT_TOKENS;

  @Mixin private final IterationsOption iterations = new IterationsOption();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder for table.md, table.json, pareto.svg and the rows' artifacts.")
  private Path output = Path.of("");

  @Mixin private final SeedOption seed = new SeedOption();

  private PaperBenchmark(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the command.
   *
   * @param out gets the table
   * @param err gets progress and errors
   * @return exit status: 0 done, 1 the work failed, 2 the call was wrong
   */
  public static int run(List<String> words, PrintStream out, PrintStream err) {
    return commandLine(out, err).execute(words.toArray(String[]::new));
  }

  /** The command line with its options. */
  public static CommandLine commandLine(PrintStream out, PrintStream err) {
    return BenchmarkCommand.of(new PaperBenchmark(out, err), out, err);
  }

  @Override
  public Integer call() {
    List<Row> chosen = rows();
    if (list) {
      chosen.forEach(row -> out.println(row.recipe().slug() + "\t" + row.label()));
      return 0;
    }
    PaperOptions inputs = inputs();
    requireFree(output);
    out.print(new PaperRun(inputs, chosen, err).run());
    out.flush();
    return 0;
  }

  private List<Row> rows() {
    shares.forEach(share ->
        require(share > 0 && share < 1, "--shares must be above 0 and below 1, not " + share));
    budgets.forEach(share ->
        require(share > 0 && share < 1, "--budgets must be above 0 and below 1, not " + share));
    require(heal >= 0, "--heal must not be negative");
    Pattern pattern;
    try {
      pattern = Pattern.compile(rows);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--rows is no regular expression: " + e.getDescription(), e);
    }
    List<Row> chosen =
        Row.all(shares, budgets, heal > 0).stream()
            .filter(row -> row.equals(Row.ORIGINAL) || pattern.matcher(row.recipe().slug()).find())
            .toList();
    require(chosen.size() > 1, "no row has a name like %s: --list shows them".formatted(rows));
    return chosen;
  }

  private PaperOptions inputs() {
    require(healText.isEmpty() || heal > 0, "--heal-text needs --heal TOKENS");
    require(textTokens >= 2, "--text-tokens must be at least 2");
    return new PaperOptions(
        ModelFolder.of(model),
        calibration.text(),
        List.of(text, other),
        healText.orElse(calibration.text()),
        heal,
        tasks.files(),
        tasks.limit().orElse(Integer.MAX_VALUE),
        output,
        seed.value(),
        iterations.count(),
        calibration.tokens(),
        textTokens);
  }

  /** Refuses a folder that holds something else. */
  private static void requireFree(Path output) {
    if (!Files.exists(output)) {
      return;
    }
    String[] names = output.toFile().list();
    require(names != null, "%s is no folder: name another one with -o".formatted(output));
    require(
        names.length == 0 || Arrays.asList(names).contains("rows"),
        "%s holds something else: name another folder with -o".formatted(output));
  }

  private static void require(boolean sensible, String message) {
    if (!sensible) {
      throw new IllegalArgumentException(message);
    }
  }
}
