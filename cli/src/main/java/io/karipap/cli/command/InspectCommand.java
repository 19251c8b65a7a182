package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.cli.command.ModelSummary.Family;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code karipap inspect}: describes a model from its headers alone. */
@Command(
    name = "inspect",
    description = "Architecture, parameters and bytes by family, forms and provenance of a model.")
public final class InspectCommand extends BaseCommand {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  public InspectCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    ModelSummary stored = ModelSummary.read(ModelFolder.of(model));
    print(stored, console);
    console.result(json(stored));
  }

  /** The tables for people. */
  public static void print(ModelSummary stored, Console console) {
    console.say(
        "%s, %d layers, width %d, context %d, vocabulary %d"
            .formatted(
                stored.config().architecture(),
                stored.config().layers(),
                stored.config().hiddenSize(),
                stored.config().contextLength(),
                stored.config().vocabularySize()));
    Table table = Console.table("family", "tensors", "shape", "parameters", "bytes", "form");
    for (Family f : stored.families()) {
      table.row(
          f.name(),
          f.matrices(),
          f.shape(),
          Table.count(f.parameters()),
          Table.bytes(f.bytes()),
          forms(f));
    }
    table.row("all", "", "", Table.count(stored.parameters()), Table.bytes(stored.bytes()), "");
    console.table(table);
    stored
        .manifest()
        .ifPresent(manifest ->
            console.say(
                "compressed to %s of %s parameters by %s, seed %d, calibrated on %s tokens of %s"
                    .formatted(
                        Table.percent((double) stored.parameters() / stored.originalParameters()),
                        Table.count(stored.originalParameters()),
                        manifest.method(),
                        manifest.seed(),
                        Table.count(manifest.calibration().tokens()),
                        manifest.calibration().source())));
  }

  private static String forms(Family family) {
    return family.forms().size() == 1
        ? family.forms().keySet().iterator().next()
        : family.forms().entrySet().stream()
            .map(form -> form.getKey() + " " + form.getValue())
            .collect(Collectors.joining(", "));
  }

  private ObjectNode json(ModelSummary stored) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("architecture", stored.config().architecture())
            .put("layers", stored.config().layers())
            .put("parameters", stored.parameters())
            .put("bytes", stored.bytes());
    ArrayNode families = json.putArray("families");
    for (Family family : stored.families()) {
      ObjectNode entry =
          families
              .addObject()
              .put("family", family.name())
              .put("matrices", family.matrices())
              .put("parameters", family.parameters())
              .put("bytes", family.bytes())
              .put("shape", family.shape());
      ObjectNode forms = entry.putObject("forms");
      family.forms().forEach(forms::put);
    }
    stored.manifest().ifPresent(manifest -> provenance(json, manifest, stored));
    return json;
  }

  private static void provenance(ObjectNode json, ArtifactManifest manifest, ModelSummary stored) {
    json.put("parameters_before", stored.originalParameters())
        .put("parameter_ratio", (double) stored.parameters() / stored.originalParameters());
    ObjectNode provenance =
        json.putObject("provenance")
            .put("version", manifest.version())
            .put("method", manifest.method())
            .put("seed", manifest.seed());
    manifest.gauge().forEach(provenance.putArray("gauge")::add);
    provenance
        .putObject("calibration")
        .put("digest", manifest.calibration().digest())
        .put("tokens", manifest.calibration().tokens())
        .put("windows", manifest.calibration().windows())
        .put("context", manifest.calibration().context())
        .put("source", manifest.calibration().source());
  }
}
