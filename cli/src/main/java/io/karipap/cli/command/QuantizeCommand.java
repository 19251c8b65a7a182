package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.karipap.checkpoint.form.NumberFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.quantize.ArtifactQuantization;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap narrow}: a compressed model, healed or not, with its numbers in fewer bits. */
@Command(name = "narrow", description = "Stores the numbers of a compressed model in fewer bits.")
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
      names = "--numbers",
      required = true,
      paramLabel = "FORMAT",
      converter = Converters.ToNumbers.class,
      description = StorageFormat.LABELS + ".")
  private StorageFormat numbers = new StorageFormat.Half(ElementType.F16);

  @Option(
      names = "--group",
      paramLabel = "N",
      description = "Codes that share a scale (default: ${DEFAULT-VALUE}).")
  private int group = 64;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "For codes: UTF-8 text that the layers' inputs are taken from.")
  private Optional<Path> calibration = Optional.empty();

  @Option(
      names = "--calibration-tokens",
      paramLabel = "N",
      description = "Tokens of the calibration text to use (default: ${DEFAULT-VALUE}).")
  private int calibrationTokens = CompressionRequest.CALIBRATION_TOKENS;

  public QuantizeCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(group >= 1 && group <= 1024, "--group must be 1 to 1024");
    require(calibrationTokens >= 2, "--calibration-tokens must be at least 2");
    Path folder = ModelFolder.of(artifact);
    long before = ModelSummary.read(folder).bytes();
    switch (numbers) {
      case StorageFormat.Half(ElementType type) ->
          ArtifactQuantization.toHalf(folder, output, type);
      case StorageFormat.Codes(NumberFormat format) -> toCodes(folder, format, console);
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

  private void toCodes(Path folder, NumberFormat format, Console console) {
    require(calibration.isPresent(), "codes aim at what the layers see: give --calibration");
    try (ProgressBars bars = console.bars()) {
      ArtifactQuantization.toCodes(
          folder,
          output,
          calibration.orElseThrow(),
          calibrationTokens,
          new QuantizationScheme(format, group, ScaleType.F16, true),
          bars);
    }
  }
}
