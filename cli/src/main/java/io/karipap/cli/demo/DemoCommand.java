package io.karipap.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.CompressionBuilder;
import io.karipap.Karipap;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.cli.command.BaseCommand;
import io.karipap.cli.command.CompressCommand;
import io.karipap.cli.command.InspectCommand;
import io.karipap.cli.command.ModelFolder;
import io.karipap.cli.command.ModelSummary;
import io.karipap.cli.command.ProfileCommand;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Interruption;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.profile.Profile;
import io.karipap.model.gauge.Symmetry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap demo}: the main job on the bundled model, against the baselines, in minutes. */
@Command(
    name = "demo",
    description = "Profiles, compresses, heals and evaluates the bundled model, and two baselines.")
public final class DemoCommand extends BaseCommand {

  private static final long SEED = 1;

  /** Distilling a token costs as much as evaluating it, and a backward pass as costly again. */
  private static final double HEALING_COST = 2;

  private static final int PROFILE_TOKENS = 1 << 12;
  private static final int SENSITIVITY_TOKENS = 1 << 8;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Another model.")
  private String model = ModelFolder.BUNDLED;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Where to write (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("karipap-demo");

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "Text to calibrate on; its last tenth is held out (default: the model's own).")
  private Optional<Path> calibration = Optional.empty();

  @Option(
      names = "--other",
      paramLabel = "FILE",
      description = "Text of another domain (default: other.txt beside the model).")
  private Optional<Path> other = Optional.empty();

  @Option(
      names = "--parameters",
      paramLabel = "SHARE",
      description = "Share of the parameters to keep (default: ${DEFAULT-VALUE}).")
  private double parameters = 0.3;

  @Option(
      names = "--calibration-tokens",
      paramLabel = "N",
      description = "Tokens to calibrate on (default: ${DEFAULT-VALUE}).")
  private int calibrationTokens = 1 << 13;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Iterations of a fit at most (default: ${DEFAULT-VALUE}).")
  private int iterations = 30;

  @Option(
      names = "--heal-seconds",
      paramLabel = "N",
      description = "About how long to heal (default: ${DEFAULT-VALUE}).")
  private double healSeconds = 50;

  public DemoCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(parameters > 0 && parameters <= 1, "--parameters must be above 0 and at most 1");
    Path original = ModelFolder.of(model);
    Path scratch = output.resolve("scratch");
    Path artifact = output.resolve("model");
    AtomicFiles.delete(scratch); // of a demo that was interrupted
    try (Interruption _ = Interruption.noting(console, "the next karipap demo begins anew")) {
      console.say("Looking at " + original);
      InspectCommand.print(ModelSummary.read(original), console);
      DemoScores scores = new DemoScores(texts(original, scratch), original);
      console.say("Evaluating the original on text that the compression does not see");
      scores.add("original", original, console);
      console.say("Profiling: where the model is redundant, and where it would feel it");
      profile(original, scores, console);
      console.say(
          "Compressing to %s of the parameters: bond after bond, where a parameter costs the least"
              .formatted(Table.percent(parameters)));
      CompressionResult result =
          compress(original, artifact, FactorizationKind.AUTO, scores, console);
      CompressCommand.print(result, console);
      scores.add("compressed", artifact, console);
      long tokens = Math.max(1, Math.round(scores.tokensPerSecond() / HEALING_COST * healSeconds));
      console.say(
          "Healing: the compressed model learns from the original on %s tokens"
              .formatted(Table.count(tokens)));
      heal(artifact, original, scores, tokens, console);
      scores.add("compressed, healed", artifact, console);
      for (FactorizationKind form : List.of(FactorizationKind.LOWRANK, FactorizationKind.MPO)) {
        console.say("Compressing to the same size by %s alone".formatted(form.label()));
        Path folder = scratch.resolve(form.label());
        var _ = compress(original, folder, form, scores, console);
        scores.add(form.label() + ", not healed", folder, console);
      }
      console.table(scores.table());
      console.say("compressed model: " + artifact.toAbsolutePath());
      console.say("report: " + artifact.resolve("report.html").toAbsolutePath());
      console.result(json(scores, artifact));
    } finally {
      AtomicFiles.delete(scratch);
    }
  }

  private DemoTexts texts(Path original, Path scratch) {
    Path text = calibration.orElse(original.resolve("calibration.txt"));
    Path beside = original.resolve("other.txt");
    Optional<Path> elsewhere =
        other.or(() -> Files.exists(beside) ? Optional.of(beside) : Optional.empty());
    return DemoTexts.split(text, elsewhere, scratch);
  }

  private static void profile(Path original, DemoScores scores, Console console) {
    Profile profile;
    try (ProgressBars bars = console.bars()) {
      profile =
          Karipap.profile(original)
              .calibration(scores.texts().calibration())
              .calibrationTokens(PROFILE_TOKENS)
              .tokens(SENSITIVITY_TOKENS)
              .seed(SEED)
              .progress(bars)
              .run();
    }
    ProfileCommand.printMeans(profile, console);
  }

  private CompressionResult compress(
      Path original, Path folder, FactorizationKind form, DemoScores scores, Console console) {
    CompressionBuilder request =
        Karipap.compress(original)
            .calibration(scores.texts().calibration())
            .calibrationTokens(calibrationTokens)
            .parameters(parameters)
            .form(form)
            .iterations(iterations)
            .seed(SEED)
            .command(typed());
    // the baselines stay in the original's basis and give every matrix the same share
    if (form == FactorizationKind.AUTO) {
      request.gauge(EnumSet.of(Symmetry.VALUES)).flow();
    } else {
      request.gauge(Set.of());
    }
    try (ProgressBars bars = console.bars()) {
      return request.progress(bars).to(folder);
    }
  }

  private void heal(Path artifact, Path original, DemoScores scores, long tokens, Console console) {
    try (ProgressBars bars = console.bars()) {
      var _ =
          Karipap.heal(artifact)
              .teacher(original)
              .text(scores.texts().calibration())
              .tokens(tokens)
              .seed(SEED)
              .command(typed())
              .progress(bars)
              .run();
    }
  }

  private ObjectNode json(DemoScores scores, Path artifact) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("output", artifact.toString());
    ArrayNode results = json.putArray("results");
    scores.write(results);
    return json;
  }
}
