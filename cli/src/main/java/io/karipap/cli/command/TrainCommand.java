package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.cli.console.CommandFailedException;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Streams;
import io.karipap.cli.train.TrainingPlan;
import io.karipap.cli.train.TrainingRun;
import io.karipap.cli.train.TrainingState;
import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.Initialization;
import io.karipap.model.io.ModelWriter;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TextMixture;
import io.karipap.model.train.Objective;
import io.karipap.model.train.Trainer;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code karipap train}: trains a model from scratch with the engine that heals. */
@Command(name = "train", description = "Trains a model from scratch.")
public final class TrainCommand extends BaseCommand {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "JSON with the fields model, tokenizer and training.")
  private Path config = Path.of("");

  @Option(
      names = "--text",
      required = true,
      arity = "1..*",
      paramLabel = "FILE[=WEIGHT]",
      converter = WeightedText.Converter.class,
      description = "UTF-8 texts and their shares of the windows (default: by length).")
  private List<WeightedText> texts = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the model.")
  private Path output = Path.of("");

  @Option(
      names = "--valid",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Texts to evaluate on at the end, each for itself.")
  private List<Path> valid = List.of();

  @Option(
      names = "--evaluate-every",
      paramLabel = "STEPS",
      description = "Evaluate in between as well.")
  private Optional<Long> evaluateEvery = Optional.empty();

  @Option(
      names = "--checkpoint-minutes",
      paramLabel = "N",
      description = "Minutes between two stored states (default: ${DEFAULT-VALUE}).")
  private double checkpointMinutes = 3;

  @Option(
      names = "--stop-after",
      paramLabel = "STEP",
      description = "Store the state and stop after that step; --resume goes on.")
  private Optional<Long> stopAfter = Optional.empty();

  @Option(names = "--resume", description = "Go on with an interrupted run of the same call.")
  private boolean resume;

  public TrainCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(checkpointMinutes >= 0, "--checkpoint-minutes must not be negative");
    evaluateEvery.ifPresent(n -> require(n >= 1, "--evaluate-every must be at least 1"));
    stopAfter.ifPresent(n -> require(n >= 1, "--stop-after must be at least 1"));
    TrainingPlan plan = TrainingPlan.read(config);
    var _ = ModelWriter.storedType(plan.architecture().config());
    ArtifactWriter.begin(output, false).close(); // rather now than after hours of work
    List<Documents> held = valid.stream().map(Documents::read).toList();
    try (var _ = new TensorScope();
        Tokenizer tokenizer = Tokenizer.open(plan.tokenizer(), plan.architecture().config())) {
      List<TextMixture.Source> sources =
          texts.stream().map(text -> text.source(tokenizer)).toList();
      TrainingState state = TrainingState.of(output, plan, sources);
      try (Trainer trainer = trainer(plan, sources)) {
        start(state, trainer, console);
        train(new Validation(plan, tokenizer, held), trainer, state, console);
      }
    }
  }

  private static Trainer trainer(TrainingPlan plan, List<TextMixture.Source> sources) {
    int window = plan.settings().context() + 1;
    long seed = plan.settings().seed();
    return new Trainer(
        plan.architecture(),
        Initialization.random(plan.architecture(), seed),
        new TextMixture(sources, window, seed),
        plan.settings(),
        Objective::nextToken);
  }

  private void start(TrainingState state, Trainer trainer, Console console) {
    if (!state.exists()) {
      return;
    }
    if (!resume) {
      throw new CommandFailedException(
          "%s holds an interrupted run: add --resume to go on, or delete it"
              .formatted(state.folder()));
    }
    state.restore(trainer);
    console.note(
        "going on after step %d of %d".formatted(trainer.step(), trainer.settings().steps()));
  }

  private void train(Validation validation, Trainer trainer, TrainingState state, Console console) {
    long began = System.nanoTime();
    TrainingRun run =
        new TrainingRun(
            trainer,
            state,
            Duration.ofMillis(Math.round(60_000 * checkpointMinutes)),
            stopAfter.orElse(Long.MAX_VALUE),
            step -> {
              if (evaluateEvery.isPresent() && step % evaluateEvery.get() == 0) {
                show(validation.of(trainer), console);
              }
            });
    OptionalDouble loss = run.run(console);
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("output", output.toString())
            .put("finished", trainer.isDone())
            .put("parameters", trainer.weights().parameters())
            .put("steps", trainer.step())
            .put("tokens", trainer.step() * trainer.settings().batchTokens());
    loss.ifPresent(value -> json.put("loss", value));
    if (trainer.isDone()) {
      ModelWriter.write(
          output,
          validation.plan().architecture(),
          trainer.weights(),
          validation.plan().tokenizer());
      List<Evaluation> evaluations = validation.of(trainer);
      show(evaluations, console);
      ArrayNode list = json.putArray("valid");
      for (int i = 0; i < evaluations.size(); i++) {
        EvalCommand.put(list.addObject().put("text", valid.get(i).toString()), evaluations.get(i));
      }
      console.say("written to %s".formatted(output));
    } else {
      console.note(
          "stopped after step %d; the same command with --resume goes on"
              .formatted(trainer.step()));
    }
    console.result(json.put("seconds", (System.nanoTime() - began) * 1e-9));
  }

  private void show(List<Evaluation> evaluations, Console console) {
    for (int i = 0; i < evaluations.size(); i++) {
      console.say(
          "%s: loss %.4f, %.4f bits per byte"
              .formatted(
                  valid.get(i), evaluations.get(i).loss(), evaluations.get(i).bitsPerByte()));
    }
  }

  /** The texts held out, and what is needed to evaluate on them. */
  private record Validation(TrainingPlan plan, Tokenizer tokenizer, List<Documents> texts) {

    List<Evaluation> of(Trainer trainer) {
      try (var _ = new TensorScope()) {
        Decoder decoder = new Decoder(plan.architecture(), trainer.weights());
        int context = plan.settings().context();
        return texts.stream()
            .map(t -> Evaluation.of(decoder, Optional.empty(), tokenizer, t, context, _ -> {}))
            .toList();
      }
    }
  }
}
