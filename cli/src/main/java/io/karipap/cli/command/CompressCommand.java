package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.CompressionBuilder;
import io.karipap.Karipap;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Interruption;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.CalibrationOptions;
import io.karipap.cli.option.GroupOption;
import io.karipap.cli.option.IterationsOption;
import io.karipap.cli.option.SeedOption;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.SiteGrid;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap compress}: compresses a model. */
@Command(name = "compress", description = "Compresses a model.")
public final class CompressCommand extends BaseCommand {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the artifact; must not exist, unless it is one.")
  private Path output = Path.of("");

  @Option(
      names = "--parameters",
      paramLabel = "SHARE",
      description = "Share of the original's parameters to keep, such as 0.3.")
  private Optional<Double> parameters = Optional.empty();

  @Option(
      names = "--memory",
      paramLabel = "SHARE",
      description =
          "Share of the original's float32 bytes to keep, such as 0.07: forms, sizes and number"
              + " formats of all matrices are chosen for it.")
  private Optional<Double> memory = Optional.empty();

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      converter = Converters.ToBytes.class,
      description = "The same as a size, such as 40MB or 12MiB.")
  private Optional<Long> bytes = Optional.empty();

  @Option(
      names = "--operations",
      paramLabel = "SHARE",
      description = "Share of the original's multiplications per token to keep.")
  private Optional<Double> operations = Optional.empty();

  @Option(
      names = "--reads",
      paramLabel = "SHARE",
      description = "Share of the float32 bytes that the original reads for a token to keep.")
  private Optional<Double> reads = Optional.empty();

  @Option(
      names = "--time",
      paramLabel = "SHARE",
      description =
          "Share of the time that the original takes for a generated token here, measured.")
  private Optional<Double> time = Optional.empty();

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "A plan.yaml to follow instead of a budget.")
  private Optional<Path> recipe = Optional.empty();

  @Mixin
  private final CalibrationOptions calibration = new CalibrationOptions(CalibrationText.TOKENS);

  @Option(
      names = "--form",
      paramLabel = "FORM",
      converter = Converters.ToForm.class,
      description = "auto, dense, lowrank, btt, mpo, ring, pepo or cell (default: auto).")
  private FactorizationKind form = FactorizationKind.AUTO;

  @Option(
      names = "--grid",
      paramLabel = "ROWSxCOLUMNS",
      converter = Converters.ToGrid.class,
      description = "Sites of a PEPO or MPO, such as 2x3.")
  private Optional<SiteGrid> grid = Optional.empty();

  @Option(
      names = "--gauge",
      paramLabel = "SYMMETRIES",
      converter = Converters.ToGauge.class,
      description =
          "Basis to compress in: auto, none, or some of residual,values,neurons (default: auto).")
  private GaugeOption gauge = GaugeOption.AUTO;

  @Option(
      names = "--cells",
      paramLabel = "K",
      description =
          "Let the same matrix of K consecutive blocks share tensors where that loses less (auto),"
              + " or always (cell; all blocks unless given). Takes several times as long.")
  private int cells;

  @Mixin private final IterationsOption iterations = new IterationsOption();

  @Option(
      names = "--heal",
      paramLabel = "TOKENS",
      description = "Distil from the original on this many tokens of the calibration text.")
  private long heal;

  @Option(
      names = "--flow",
      description =
          "Truncate bond after bond of the whole model where a parameter saved costs the least.")
  private boolean flow;

  @Option(
      names = "--max-kl",
      paramLabel = "NATS",
      description = "Stop the flow before the KL divergence on held-out text exceeds this.")
  private Optional<Double> maxKl = Optional.empty();

  @Option(
      names = "--quantise",
      paramLabel = "FORMAT",
      converter = Converters.ToFormat.class,
      description =
          "At the end, round the numbers of all matrices and networks in one format: int2 to int8,"
              + " uint2 to uint8, apot2 to apot8, lloyd2 to lloyd4 or ternary. Not with cells. With"
              + " --memory or --bytes also coded, coded32 or coded256: integers behind an entropy"
              + " coder, by a trellis of 8, 32 or 256 states.")
  private Optional<String> quantize = Optional.empty();

  @Mixin private final GroupOption group = new GroupOption();

  @Mixin private final SeedOption seed = new SeedOption();

  @Option(names = "--resume", description = "Go on with an interrupted run of the same call.")
  private boolean resume;

  public CompressCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(flow || maxKl.isEmpty(), "--max-kl needs --flow");
    CompressionResult result = compress(request(), console);
    print(result, console);
    console.say("written to %s".formatted(output));
    console.result(json(result));
  }

  private CompressionBuilder request() {
    CompressionBuilder request =
        Karipap.compress(ModelFolder.of(model))
            .calibration(calibration.text())
            .calibrationTokens(calibration.tokens())
            .form(form)
            .cells(cells)
            .group(group.size())
            .iterations(iterations.count())
            .heal(heal)
            .seed(seed.value())
            .resume(resume)
            .command(typed());
    parameters.ifPresent(request::parameters);
    memory.ifPresent(request::memory);
    bytes.ifPresent(request::bytes);
    operations.ifPresent(request::operations);
    reads.ifPresent(request::reads);
    time.ifPresent(request::time);
    recipe.ifPresent(request::recipe);
    grid.ifPresent(request::grid);
    gauge.symmetries().ifPresent(request::gauge);
    quantize.ifPresent(request::quantize);
    if (flow) {
      request.flow();
    }
    maxKl.ifPresent(request::maxKl);
    return request;
  }

  private CompressionResult compress(CompressionBuilder request, Console console) {
    try (Interruption _ = Interruption.noting(console, "the same command with --resume goes on");
        ProgressBars bars = console.bars()) {
      return request.progress(bars).to(output);
    }
  }

  /** The tables for people. */
  public static void print(CompressionResult result, Console console) {
    Table table = Console.table("matrix", "form", "parameters", "share", "error");
    for (MatrixEntry m : result.matrices()) {
      table.row(
          m.name(),
          m.form(),
          Table.count(m.parameters()),
          Table.percent(m.parameters() / ((double) m.rows() * m.columns())),
          Table.decimals(m.error(), 4));
    }
    console.table(table);
    printBasis(result, console);
    console.say(
        "parameters %s -> %s (%s), bytes %s in float32 -> %s (%s)"
            .formatted(
                Table.count(result.parametersBefore()),
                Table.count(result.parametersAfter()),
                Table.percent(result.parameterRatio()),
                Table.bytes(result.bytesBefore()),
                Table.bytes(result.bytesAfter()),
                Table.percent(result.memoryRatio())));
    console.say(
        "mean error %.4f, mean squared error %.4f, %.1f s"
            .formatted(result.meanError(), result.meanSquaredError(), result.seconds()));
  }

  private static void printBasis(CompressionResult result, Console console) {
    if (!result.trials().isEmpty()) {
      Table table = Console.table("basis", "numbers it stores", "mean squared error, short fits");
      for (GaugeTrial trial : result.trials()) {
        table.row(
            trial.name(),
            Table.count(trial.extraParameters()),
            Table.decimals(trial.meanSquaredError(), 4));
      }
      console.table(table);
    }
    if (!result.gauge().isEmpty()) {
      console.say("basis chosen by: " + String.join(", ", result.gauge()));
    }
  }

  private ObjectNode json(CompressionResult result) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("output", output.toString())
            .put("parameters_before", result.parametersBefore())
            .put("parameters_after", result.parametersAfter())
            .put("parameter_ratio", result.parameterRatio())
            .put("bytes_before", result.bytesBefore())
            .put("bytes_after", result.bytesAfter())
            .put("memory_ratio", result.memoryRatio())
            .put("seconds", result.seconds())
            .put("peak_rss_bytes", result.peakRssBytes())
            .put("mean_error", result.meanError())
            .put("mean_squared_error", result.meanSquaredError());
    ArrayNode gauges = json.putArray("gauge");
    result.gauge().forEach(gauges::add);
    ArrayNode trials = json.putArray("gauge_trials");
    for (GaugeTrial trial : result.trials()) {
      ObjectNode entry = trials.addObject();
      ArrayNode symmetries = entry.putArray("gauge");
      trial.gauge().forEach(symmetries::add);
      entry
          .put("extra_parameters", trial.extraParameters())
          .put("mean_squared_error", trial.meanSquaredError());
    }
    Map<String, Long> bytes = ModelSummary.bytes(output, result.matrices());
    ArrayNode matrices = json.putArray("matrices");
    for (MatrixEntry matrix : result.matrices()) {
      matrices
          .addObject()
          .put("name", matrix.name())
          .put("form", matrix.form())
          .put("parameters", matrix.parameters())
          .put("bytes", bytes.getOrDefault(matrix.name(), 0L))
          .put("error", matrix.error());
    }
    return json;
  }
}
