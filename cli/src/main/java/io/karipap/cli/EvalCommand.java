package io.karipap.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.model.Decoder;
import io.karipap.model.Documents;
import io.karipap.model.Evaluation;
import io.karipap.model.LoadedModel;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap eval}: how well a model predicts a text. */
@Command(
    name = "eval",
    description = "Perplexity, bits per byte and top-1 accuracy of a model on a text.")
final class EvalCommand extends Work {

  @Parameters(paramLabel = "MODEL", description = "Folder, or name of a bundled model.")
  private String model = "";

  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "UTF-8 text; documents are separated by <|endoftext|>.")
  private Path text = Path.of("");

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description = "Also the KL divergence from this model, and how often both agree.")
  private Optional<String> against = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens a window (default: the model's own length).")
  private Optional<Integer> context = Optional.empty();

  EvalCommand(Streams streams) {
    super(streams);
  }

  @Override
  void run(Console console) {
    context.ifPresent(n -> require(n >= 2, "--context must be at least 2, not " + n));
    Documents documents = Documents.read(text);
    try (var _ = new TensorScope();
        LoadedModel student = LoadedModel.open(ModelFolder.of(model))) {
      Evaluation evaluation;
      if (against.isPresent()) {
        try (LoadedModel teacher = LoadedModel.open(ModelFolder.of(against.get()))) {
          checkSameTokens(student, teacher);
          evaluation = evaluate(student, Optional.of(teacher.decoder()), documents, console);
        }
      } else {
        evaluation = evaluate(student, Optional.empty(), documents, console);
      }
      show(evaluation, console);
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

  private Evaluation evaluate(
      LoadedModel student, Optional<Decoder> teacher, Documents documents, Console console) {
    int longest =
        teacher
            .map(decoder -> decoder.config().contextLength())
            .map(length -> Math.min(length, student.config().contextLength()))
            .orElse(student.config().contextLength());
    int window = context.orElse(longest);
    require(window <= longest, "--context is %d, but the model's is %d".formatted(window, longest));
    try (Bars bars = console.bars()) {
      bars.stage("evaluating", 1000);
      return Evaluation.of(
          student.decoder(),
          teacher,
          student.tokenizer(),
          documents,
          window,
          share -> bars.at(Math.round(1000 * share), ""));
    }
  }

  private void show(Evaluation evaluation, Console console) {
    Table table =
        Console.table(model, "")
            .row("tokens predicted", Table.count(evaluation.tokens()))
            .row("bytes of text", Table.count(evaluation.bytes()))
            .row("loss (nats per token)", Table.decimals(evaluation.loss(), 4))
            .row("perplexity", Table.decimals(evaluation.perplexity(), 3))
            .row("bits per byte", Table.decimals(evaluation.bitsPerByte(), 4))
            .row("top-1", Table.percent(evaluation.top1()));
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", model);
    put(json, evaluation);
    evaluation
        .comparison()
        .ifPresent(comparison -> {
          table.row("KL divergence (nats per token)", Table.decimals(comparison.kl(), 4));
          table.row("agreement", Table.percent(comparison.agreement()));
        });
    console.table(table);
    console.result(json);
  }

  /** An evaluation's stable fields. */
  static void put(ObjectNode json, Evaluation evaluation) {
    json.put("tokens", evaluation.tokens())
        .put("bytes_of_text", evaluation.bytes())
        .put("loss", evaluation.loss())
        .put("perplexity", evaluation.perplexity())
        .put("bits_per_byte", evaluation.bitsPerByte())
        .put("top1", evaluation.top1());
    evaluation.comparison().ifPresent(c -> json.put("kl", c.kl()).put("agreement", c.agreement()));
  }
}
