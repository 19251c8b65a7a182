package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.GaugeBuilder;
import io.karipap.Karipap;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.CalibrationOptions;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.GaugeResult;
import io.karipap.model.gauge.Symmetry;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap gauge}: writes a model in the gauge in which it compresses best. */
@Command(
    name = "gauge",
    description = "Writes a model in another basis, its logits unchanged, as an ordinary model.")
public final class GaugeCommand extends BaseCommand {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the model; must not exist, or be empty.")
  private Path output = Path.of("");

  @Mixin
  private final CalibrationOptions calibration = new CalibrationOptions(CalibrationText.TOKENS);

  @Option(
      names = "--gauge",
      paramLabel = "SYMMETRIES",
      converter = Converters.ToGauge.class,
      description = "Some of residual,values,neurons (default: all).")
  private Optional<GaugeOption> gauge = Optional.empty();

  public GaugeCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    Optional<Set<Symmetry>> asked = gauge.map(g -> g.symmetries().orElse(Set.of()));
    require(
        asked.stream().noneMatch(Set::isEmpty),
        "--gauge names some of residual,values,neurons: auto and none do not");
    GaugeResult result;
    try (ProgressBars bars = console.bars()) {
      GaugeBuilder builder =
          Karipap.gauge(ModelFolder.of(model))
              .calibration(calibration.text())
              .calibrationTokens(calibration.tokens())
              .progress(bars);
      result = asked.map(builder::symmetries).orElse(builder).to(output);
    }
    if (result.untied()) {
      console.say(
          "the head was tied to the embeddings; in this basis it is a matrix of its own: %s parameters became %s"
              .formatted(
                  Table.count(result.parametersBefore()), Table.count(result.parametersAfter())));
    }
    console.say("written to %s, in float32".formatted(output));
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("model", model).put("output", output.toString());
    Symmetry.labels(result.symmetries()).forEach(json.putArray("gauge")::add);
    console.result(
        json.put("parameters_before", result.parametersBefore())
            .put("parameters_after", result.parametersAfter())
            .put("untied", result.untied()));
  }
}
