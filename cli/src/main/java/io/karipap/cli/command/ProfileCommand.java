package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.Karipap;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.OutputFile;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.CalibrationOptions;
import io.karipap.cli.option.SeedOption;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.profile.MatrixProfile;
import io.karipap.compress.profile.Profile;
import io.karipap.compress.profile.ProfileRequest;
import io.karipap.compress.profile.Sensitivity;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code karipap profile}: measures how well each matrix compresses, and how much the model depends
 * on it.
 */
@Command(
    name = "profile",
    description =
        "Entanglement spectra, effective ranks and sensitivities of a model's matrices. The last"
            + " fifth of the calibration text is held out.")
public final class ProfileCommand extends BaseCommand {

  private static final String JSON = ".json";

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Mixin
  private final CalibrationOptions calibration =
      new CalibrationOptions(ProfileRequest.CALIBRATION_TOKENS);

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE.json",
      description = "The profile; a page of heat maps is written beside it, as FILE.html.")
  private Path output = Path.of("");

  @Option(
      names = "--grid",
      paramLabel = "ROWSxCOLUMNS",
      converter = Converters.ToGrid.class,
      description = "Sites of the lattice to cut matrices on (default: 2x2).")
  private SiteGrid grid = SiteGrid.RING;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Held-out tokens to measure divergences on (default: ${DEFAULT-VALUE}).")
  private int tokens = ProfileRequest.TOKENS;

  @Mixin private final SeedOption seed = new SeedOption();

  public ProfileCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(tokens >= 2, "--tokens must be at least 2");
    String name = String.valueOf(output.getFileName());
    require(
        name.endsWith(JSON) && name.length() > JSON.length(),
        "--output names a file such as profile.json, not " + output);
    Path page = output.resolveSibling(name.substring(0, name.length() - JSON.length()) + ".html");
    OutputFile.check(output);
    OutputFile.check(page);
    ProfileRequest request =
        new ProfileRequest(
            ModelFolder.of(model),
            calibration.text(),
            grid,
            calibration.tokens(),
            tokens,
            seed.value());
    Profile profile;
    try (ProgressBars bars = console.bars()) {
      profile = Profile.of(request, Architectures.standard(), bars);
    }
    ObjectNode json = ProfileJson.of(model, request, profile);
    OutputFile.write(output, json.toPrettyString() + "\n");
    OutputFile.write(page, Karipap.html(profile));
    print(profile, console);
    console.say("written to %s and %s".formatted(output, page));
    console.result(json);
  }

  /** The tables for people. */
  private static void print(Profile profile, Console console) {
    Table table =
        Console.table(
            "matrix",
            "entropy",
            "rank",
            "of",
            "lattice",
            "10 % at",
            "error2",
            "estimate",
            "measured");
    for (MatrixProfile m : profile.matrices()) {
      row(table, m.matrix().name(), List.of(m));
    }
    console.table(table);
    console.say("");
    printMeans(profile, console);
  }

  /** The table by family and block, and how to read it. */
  public static void printMeans(Profile profile, Console console) {
    Table means =
        Console.table(
            "mean of",
            "entropy",
            "rank",
            "of",
            "lattice",
            "10 % at",
            "error2",
            "estimate",
            "measured");
    by(profile, m -> m.matrix().family()).forEach((family, group) -> row(means, family, group));
    by(profile, m -> "block %3d".formatted(m.matrix().block()))
        .forEach((block, group) -> row(means, block, group));
    console.table(means);
    console.say("");
    console.say(
        "entropy of W C^1/2 between rows and columns in nats, rank: its exponential, of: the most it"
            + " could be");
    console.say(
        "lattice: mean entropy across the cuts of the lattice as a share of the most; 10 % at: share"
            + " of the parameters of a low-rank pair with squared error 0.1");
    console.say(
        "error2, estimate, measured: squared error and KL divergence in millinats a token at %s of"
                .formatted(Table.percent(Profile.SHARE))
            + " the parameters, this matrix alone");
    console.say(
        "rank correlation with measured: estimate %.2f, error2 %.2f"
            .formatted(
                profile.rankCorrelation(Sensitivity::estimated),
                profile.rankCorrelation(Sensitivity::squaredError)));
    console.say(
        "%s calibration and %s held-out tokens, %.1f s"
            .formatted(
                Table.count(profile.calibrationTokens()),
                Table.count(profile.tokens()),
                profile.seconds()));
  }

  private static Map<String, List<MatrixProfile>> by(
      Profile profile, Function<MatrixProfile, String> key) {
    return profile.matrices().stream()
        .collect(Collectors.groupingBy(key, java.util.LinkedHashMap::new, Collectors.toList()));
  }

  private static void row(Table table, String name, List<MatrixProfile> group) {
    table.row(
        name,
        Table.decimals(mean(group, m -> m.rowsAndColumns().entropy()), 2),
        Table.decimals(mean(group, m -> m.rowsAndColumns().effectiveRank()), 0),
        Table.decimals(mean(group, m -> m.rowsAndColumns().dimension()), 0),
        Table.decimals(mean(group, MatrixProfile::latticeFilling), 2),
        Table.percent(mean(group, MatrixProfile::share)),
        Table.decimals(mean(group, m -> m.sensitivity().squaredError()), 3),
        Table.decimals(1000 * mean(group, m -> m.sensitivity().estimated()), 2),
        Table.decimals(1000 * mean(group, m -> m.sensitivity().measured()), 2));
  }

  private static double mean(List<MatrixProfile> group, ToDoubleFunction<MatrixProfile> figure) {
    return group.stream().mapToDouble(figure).average().orElse(0);
  }
}
