package io.karipap.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.karipap.checkpoint.config.GenerationConfig;
import io.karipap.checkpoint.tokenizer.StreamingDecoder;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Streams;
import io.karipap.model.generate.Generator;
import io.karipap.model.generate.Sampling;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap generate}: continues a text, shown as it is made. */
@Command(name = "generate", description = "Continues a text.")
public final class GenerateCommand extends BaseCommand {

  private static final double TEMPERATURE = 0.8;
  private static final double TOP_P = 0.95;

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
          "0 takes the likeliest token (default: the model's own, or " + TEMPERATURE + ").")
  private Optional<Double> temperature = Optional.empty();

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Sample from this probability mass (default: the model's own, or " + TOP_P + ").")
  private Optional<Double> topP = Optional.empty();

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Sample from so many tokens, 0 for all (default: the model's own, or 0).")
  private Optional<Integer> topK = Optional.empty();

  @Option(names = "--seed", paramLabel = "N", description = "Of the draws (default: 0).")
  private long seed;

  public GenerateCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(tokens >= 1, "--tokens must be at least 1, not " + tokens);
    Path folder = ModelFolder.of(model);
    Sampling sampling = sampling(GenerationConfig.read(folder));
    String start = prompt.equals("-") ? standardInput() : prompt;
    try (var _ = new TensorScope();
        LoadedModel loaded = LoadedModel.open(folder)) {
      int[] ids = Documents.withBos(loaded.tokenizer(), loaded.tokenizer().encode(start));
      require(ids.length > 0, "--prompt is empty and the tokenizer has no token to begin with");
      StreamingDecoder decoder = new StreamingDecoder(loaded.tokenizer());
      for (int id : ids) {
        var _ = decoder.add(id); // the first new token's text depends on what precedes it
      }
      StringBuilder text = new StringBuilder();
      console.stream(start);
      long began = System.nanoTime();
      int count =
          new Generator(loaded.decoder(), sampling)
              .generate(ids, tokens, id -> add(decoder.add(id), text, console));
      double seconds = (System.nanoTime() - began) * 1e-9;
      add(decoder.flush(), text, console);
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

  private static boolean add(String piece, StringBuilder text, Console console) {
    text.append(piece);
    console.stream(piece);
    return true;
  }

  private Sampling sampling(Optional<GenerationConfig> own) {
    double t =
        temperature.orElse(own.map(g -> g.temperature().orElse(TEMPERATURE)).orElse(TEMPERATURE));
    double p = topP.orElse(own.map(g -> g.topP().orElse(TOP_P)).orElse(TOP_P));
    int k = topK.orElse(own.map(g -> g.topK().orElse(0)).orElse(0));
    require(t >= 0, "--temperature must not be negative");
    require(p > 0 && p <= 1, "--top-p must be above 0 and at most 1");
    require(k >= 0, "--top-k must not be negative");
    return new Sampling(t, k, p, seed);
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
