package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.karipap.Karipap;
import io.karipap.QuantizationBuilder;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.CalibrationTokensOption;
import io.karipap.cli.option.GroupOption;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.StorageFormat;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code karipap quantize}: stores a compressed model, healed or not, with fewer bits for each
 * number.
 */
@Command(
    name = "quantize",
    aliases = "narrow",
    description = "Stores the numbers of a compressed model in fewer bits.")
public final class QuantizeCommand extends BaseCommand {

  @Parameters(paramLabel = "DIR", description = "Compressed model; stays as it is.")
  private String artifact = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the new artifact; must not exist, unless it is one.")
  private Path output = Path.of("");

  @Option(
      names = {"--quantise", "--numbers"},
      required = true,
      paramLabel = "FORMAT",
      converter = Converters.ToNumbers.class,
      description = StorageFormat.LABELS + ".")
  private StorageFormat numbers = new StorageFormat.Half(ElementType.F16);

  @Mixin private final GroupOption group = new GroupOption();

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "For formats below 16 bits: UTF-8 text that the layers' inputs are taken from.")
  private Optional<Path> calibration = Optional.empty();

  @Mixin
  private final CalibrationTokensOption calibrationTokens =
      new CalibrationTokensOption(CalibrationText.TOKENS);

  public QuantizeCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(
        calibration.isPresent() || numbers instanceof StorageFormat.Half,
        "a format below 16 bits is fitted to the inputs of the layers: give --calibration");
    Path folder = ModelFolder.of(artifact);
    long before = ModelSummary.read(folder).bytes();
    QuantizationBuilder request =
        Karipap.quantize(folder)
            .format(numbers)
            .group(group.size())
            .calibrationTokens(calibrationTokens.tokens())
            .command(typed());
    calibration.ifPresent(request::calibration);
    try (ProgressBars bars = console.bars()) {
      request.progress(bars).to(output);
    }
    long after = ModelSummary.read(output).bytes();
    console.say(
        "bytes %s -> %s, written to %s".formatted(Table.bytes(before), Table.bytes(after), output));
    console.result(
        JsonNodeFactory.instance
            .objectNode()
            .put("model", artifact)
            .put("output", output.toString())
            .put("bytes_before", before)
            .put("bytes_after", after));
  }
}
