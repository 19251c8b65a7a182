package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.ProgressBars;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.cli.option.TaskOptions;
import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.task.Task;
import io.karipap.model.task.TaskFile;
import io.karipap.model.text.Documents;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap eval}: measures how well a model predicts a text and solves tasks. */
@Command(
    name = "eval",
    description =
        "Perplexity, bits per byte and top-1 accuracy of a model on a text; accuracy in tasks.")
public final class EvalCommand extends BaseCommand {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "UTF-8 text; documents are separated by <|endoftext|>.")
  private Optional<Path> text = Optional.empty();

  @Mixin private final TaskOptions tasks = new TaskOptions();

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description =
          "Also the KL divergence from this model, how often both agree, and differences.")
  private Optional<String> against = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens a window or prompt (default: the model's own length).")
  private Optional<Integer> context = Optional.empty();

  public EvalCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    context.ifPresent(n -> require(n >= 2, "--context must be at least 2, not " + n));
    Optional<Integer> limit = tasks.limit();
    require(text.isPresent() || !tasks.files().isEmpty(), "give --text or --tasks to evaluate on");
    Optional<Documents> documents = text.map(Documents::read);
    List<Task> examined =
        tasks.files().stream()
            .map(TaskFile::read)
            .map(t -> limit.map(t::limited).orElse(t))
            .toList();
    try (var _ = new TensorScope();
        LoadedModel student = LoadedModel.open(ModelFolder.of(model))) {
      if (against.isPresent()) {
        try (LoadedModel teacher = LoadedModel.open(ModelFolder.of(against.get()))) {
          checkSameTokens(student, teacher);
          evaluate(student, Optional.of(teacher.decoder()), documents, examined, console);
        }
      } else {
        evaluate(student, Optional.empty(), documents, examined, console);
      }
    }
  }

  private void checkSameTokens(LoadedModel student, LoadedModel teacher) {
    int vocabulary = student.config().vocabularySize();
    int others = teacher.config().vocabularySize();
    require(
        vocabulary == others,
        "%s has %d tokens and %s has %d: --against needs a model with the same tokenizer"
            .formatted(model, vocabulary, teacher.folder(), others));
  }

  private void evaluate(
      LoadedModel student,
      Optional<Decoder> teacher,
      Optional<Documents> documents,
      List<Task> examined,
      Console console) {
    int longest =
        teacher
            .map(decoder -> decoder.config().contextLength())
            .map(length -> Math.min(length, student.config().contextLength()))
            .orElse(student.config().contextLength());
    int window = context.orElse(longest);
    require(window <= longest, "--context is %d, but the model's is %d".formatted(window, longest));
    Decoder decoder = student.decoder();
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", model);
    documents.ifPresent(d -> {
      Evaluation evaluation = predict(student.tokenizer(), decoder, teacher, d, window, console);
      put(json, evaluation);
      console.table(table(evaluation));
    });
    if (!examined.isEmpty()) {
      TaskScores scores =
          TaskScores.of(decoder, teacher, student.tokenizer(), examined, window, console);
      scores.write(json.putArray("tasks"));
      console.table(scores.table());
      scores.comparison().ifPresent(console::table);
    }
    console.result(json);
  }

  private static Evaluation predict(
      Tokenizer tokenizer,
      Decoder student,
      Optional<Decoder> teacher,
      Documents documents,
      int window,
      Console console) {
    try (ProgressBars bars = console.bars()) {
      bars.stage("evaluating", 1000);
      return Evaluation.of(
          student,
          teacher,
          tokenizer,
          documents,
          window,
          share -> bars.at(Math.round(1000 * share), ""));
    }
  }

  private Table table(Evaluation evaluation) {
    Table table =
        Console.table(model, "")
            .row("tokens predicted", Table.count(evaluation.tokens()))
            .row("bytes of text", Table.count(evaluation.bytes()))
            .row("loss (nats per token)", Table.decimals(evaluation.loss(), 4))
            .row("perplexity", Table.decimals(evaluation.perplexity(), 3))
            .row("bits per byte", Table.decimals(evaluation.bitsPerByte(), 4))
            .row("top-1", Table.percent(evaluation.top1()));
    evaluation
        .comparison()
        .ifPresent(comparison -> {
          table.row("KL divergence (nats per token)", Table.decimals(comparison.kl(), 4));
          table.row("agreement", Table.percent(comparison.agreement()));
        });
    return table;
  }

  /** An evaluation's stable fields. */
  public static void put(ObjectNode json, Evaluation evaluation) {
    json.put("tokens", evaluation.tokens())
        .put("bytes_of_text", evaluation.bytes())
        .put("loss", evaluation.loss())
        .put("perplexity", evaluation.perplexity())
        .put("bits_per_byte", evaluation.bitsPerByte())
        .put("top1", evaluation.top1());
    evaluation.comparison().ifPresent(c -> json.put("kl", c.kl()).put("agreement", c.agreement()));
  }
}
