package io.karipap.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.karipap.Generation;
import io.karipap.GenerationOptions;
import io.karipap.LanguageModel;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Streams;
import io.karipap.cli.option.SeedOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap generate}: continues a text and prints it token by token. */
@Command(name = "generate", description = "Continues a text.")
public final class GenerateCommand extends BaseCommand {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "What to continue; - reads it from standard input.")
  private String prompt = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "New tokens at most (default: ${DEFAULT-VALUE}).")
  private int tokens = 200;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "0 takes the likeliest token (default: the model's own, or "
              + GenerationOptions.TEMPERATURE
              + ").")
  private Optional<Double> temperature = Optional.empty();

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Sample from this probability mass (default: the model's own, or "
              + GenerationOptions.TOP_P
              + ").")
  private Optional<Double> topP = Optional.empty();

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Sample from the N likeliest tokens, 0 for all (default: the model's own, or 0).")
  private Optional<Integer> topK = Optional.empty();

  @Mixin private final SeedOption seed = new SeedOption();

  public GenerateCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(tokens >= 1, "--tokens must be at least 1, not " + tokens);
    temperature.ifPresent(t -> require(t >= 0, "--temperature must not be negative"));
    topP.ifPresent(p -> require(p > 0 && p <= 1, "--top-p must be above 0 and at most 1"));
    topK.ifPresent(k -> require(k >= 0, "--top-k must not be negative"));
    String start = prompt.equals("-") ? standardInput() : prompt;
    try (LanguageModel loaded = LanguageModel.open(ModelFolder.of(model))) {
      Generation generation =
          loaded.generate(
              start,
              tokens,
              new GenerationOptions(temperature, topP, topK, seed.value(), List.of()));
      StringBuilder text = new StringBuilder();
      console.stream(start);
      long began = System.nanoTime();
      for (String piece : generation) {
        text.append(piece);
        console.stream(piece);
      }
      double seconds = (System.nanoTime() - began) * 1e-9;
      int count = generation.tokens();
      console.say("");
      console.note("%d tokens, %.1f tokens/s".formatted(count, count / seconds));
      console.result(
          JsonNodeFactory.instance
              .objectNode()
              .put("model", model)
              .put("prompt", start)
              .put("text", text.toString())
              .put("tokens", count)
              .put("seconds", seconds)
              .put("tokens_per_second", count / seconds));
    }
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
