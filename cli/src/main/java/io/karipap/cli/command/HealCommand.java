package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.karipap.HealingBuilder;
import io.karipap.Karipap;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Interruption;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.SeedOption;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealResult;
import io.karipap.compress.HealingMode;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap heal}: distils a compressed model from its original. */
@Command(name = "heal", description = "Heals a compressed model by distillation from its original.")
public final class HealCommand extends BaseCommand {

  @Parameters(paramLabel = "DIR", description = "Compressed model; replaced by the healed one.")
  private String artifact = "";

  @Option(
      names = "--teacher",
      required = true,
      paramLabel = "MODEL",
      description = "The original: a folder, or the name of a bundled model.")
  private String teacher = "";

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "UTF-8 text to learn on; its end is held out.")
  private Optional<Path> text = Optional.empty();

  @Option(
      names = "--sample",
      paramLabel = "TOKENS",
      description = "Draw this many tokens of text from the original, instead of or beside --text.")
  private long sample;

  @Option(names = "--tokens", required = true, paramLabel = "N", description = "Length of the run.")
  private long tokens;

  @Option(
      names = "--train",
      paramLabel = "WHAT",
      converter = Converters.ToTrainable.class,
      description =
          "What is trained: all numbers (all), those of a coded model through their rounding; the"
              + " scales of a coded model (scales); low-rank updates of a model that stays as it is"
              + " (lora), or updates that are tensor trains (tt-lora). Default: all.")
  private HealingMode train = HealingMode.ALL;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description = "Of the updates of lora and tt-lora (default: ${DEFAULT-VALUE}).")
  private int rank = HealOptions.RANK;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description =
          "Peak of the schedule; a quarter of it where more than a quarter of the codes that are trained"
              + " have more than four levels (default: ${DEFAULT-VALUE}).")
  private double learningRate = HealOptions.LEARNING_RATE;

  @Option(
      names = "--hidden-weight",
      paramLabel = "WEIGHT",
      description =
          "Of the residual stream's relative squared error beside the KL divergence (default:"
              + " ${DEFAULT-VALUE}).")
  private double hiddenWeight = HealOptions.HIDDEN_WEIGHT;

  @Option(
      names = "--patience",
      paramLabel = "LOOKS",
      description =
          "End when so many looks at the held-out text in a row were no better; 0 for never. Runs of"
              + " fewer than twice as many looks go on to their end (default: ${DEFAULT-VALUE}).")
  private int patience = HealOptions.PATIENCE;

  @Option(
      names = "--blockwise",
      paramLabel = "TOKENS",
      description =
          "Before that, let every block alone and then every two learn what the original's give, on"
              + " so many tokens (default: 0).")
  private long blockwise;

  @Mixin private final SeedOption seed = new SeedOption();

  @Option(names = "--resume", description = "Go on with an interrupted run of the same call.")
  private boolean resume;

  public HealCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(tokens >= 1, "--tokens must be at least 1, not " + tokens);
    require(learningRate > 0, "--learning-rate must be above 0, not " + learningRate);
    require(rank >= 1, "--rank must be at least 1, not " + rank);
    require(
        hiddenWeight >= 0 && Double.isFinite(hiddenWeight),
        "--hidden-weight must not be negative, not " + hiddenWeight);
    require(sample >= 0, "--sample must not be negative, not " + sample);
    require(
        text.isPresent() || sample > 0,
        "there is nothing to learn on: give --text, or --sample tokens of the original's own text");
    require(blockwise >= 0, "--blockwise must not be negative, not " + blockwise);
    require(patience >= 0, "--patience must not be negative, not " + patience);
    HealingBuilder request =
        Karipap.heal(ModelFolder.of(artifact))
            .teacher(ModelFolder.of(teacher))
            .sample(sample)
            .tokens(tokens)
            .train(train)
            .learningRate(learningRate)
            .rank(rank)
            .hiddenWeight(hiddenWeight)
            .patience(patience)
            .blockwise(blockwise)
            .seed(seed.value())
            .resume(resume)
            .command(typed());
    text.ifPresent(request::text);
    HealResult result = heal(request, console);
    console.table(
        Console.table("held-out text", "before", "after")
            .row(
                "loss (nats per token)",
                Table.decimals(result.lossBefore(), 4),
                Table.decimals(result.lossAfter(), 4))
            .row(
                "KL divergence from the teacher",
                Table.decimals(result.klBefore(), 4),
                Table.decimals(result.klAfter(), 4)));
    console.say("%s tokens in %.1f s".formatted(Table.count(result.tokens()), result.seconds()));
    console.result(
        JsonNodeFactory.instance
            .objectNode()
            .put("model", artifact)
            .put("tokens", result.tokens())
            .put("loss_before", result.lossBefore())
            .put("loss_after", result.lossAfter())
            .put("kl_before", result.klBefore())
            .put("kl_after", result.klAfter())
            .put("seconds", result.seconds()));
  }

  private static HealResult heal(HealingBuilder request, Console console) {
    try (Interruption _ = Interruption.noting(console, "the same command with --resume goes on");
        ProgressBars bars = console.bars()) {
      return request.progress(bars).run();
    }
  }
}
