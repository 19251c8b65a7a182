package io.karipap.compress.report;

import io.karipap.checkpoint.tokenizer.StreamingDecoder;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.compress.Progress;
import io.karipap.compress.report.Measurements.Scores;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.generate.Generator;
import io.karipap.model.generate.Sampling;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Measures a compressed model against its original for a report. Draws no random numbers and leaves
 * both models as they are.
 */
public final class ReportMeasurements {

  private static final int CONTINUATION = 40;
  private static final int PROMPT_WORDS = 10;
  private static final int TIMED = 32;

  /** The models take turns, and the fastest turn counts: other work can only slow them. */
  private static final int TURNS = 3;

  /** No turn begins later. */
  private static final double TURN_SECONDS = 1;

  private final Tokenizer tokenizer;
  private final EvaluationText text;
  private final Decoder original;
  private final Decoder compressed;

  private ReportMeasurements(
      Tokenizer tokenizer, EvaluationText text, Decoder original, Decoder compressed) {
    this.tokenizer = tokenizer;
    this.text = text;
    this.original = original;
    this.compressed = compressed;
  }

  /**
   * Measures both models.
   *
   * @param compressed parameters of the compressed model
   * @throws IllegalArgumentException if the text has no token to predict
   */
  public static Measurements of(
      LoadedModel original, Weights compressed, EvaluationText text, Progress progress) {
    progress.stage("measuring", 1);
    try (var _ = new TensorScope();
        var _ = Autograd.off()) {
      Measurements measurements =
          new ReportMeasurements(
                  original.tokenizer(),
                  text,
                  original.decoder(),
                  new Decoder(original.architecture(), compressed.rebuilt()))
              .measured();
      progress.at(1, "");
      return measurements;
    }
  }

  private Measurements measured() {
    Evaluation reference = evaluation(original, Optional.empty());
    Evaluation evaluation = evaluation(compressed, Optional.of(original));
    Evaluation.Comparison comparison = evaluation.comparison().orElseThrow();
    double[] speeds = speeds();
    String prompt = prompt();
    return new Measurements(
        text.name(),
        evaluation.tokens(),
        text.heldOut(),
        comparison.kl(),
        comparison.agreement(),
        scores(reference, speeds[0], continuation(original, prompt)),
        scores(evaluation, speeds[1], continuation(compressed, prompt)),
        prompt,
        Threads.available());
  }

  private static Scores scores(Evaluation evaluation, double speed, String continuation) {
    return new Scores(evaluation.loss(), evaluation.top1(), speed, continuation);
  }

  private Evaluation evaluation(Decoder model, Optional<Decoder> reference) {
    return Evaluation.of(model, reference, text.documents(), text.windows(), 1, _ -> {});
  }

  /** A window that begins a document, if there is one. */
  private Window beginning() {
    return text.windows().stream()
        .filter(window -> window.start() == 0)
        .findFirst()
        .orElse(text.windows().getFirst());
  }

  /** The first words of the text. */
  private String prompt() {
    Window window = beginning();
    int[] ids =
        Arrays.stream(
                text.documents().get(window.document()).slice(window.start(), window.length()))
            .mapToInt(Math::toIntExact)
            .toArray();
    List<String> words = List.of(tokenizer.decode(ids).strip().split("(?<=\\S)(?=\\s)", -1));
    // a text without spaces is a word: as many characters as ten words have
    String beginning = String.join("", words.subList(0, Math.min(PROMPT_WORDS, words.size())));
    int end = beginning.offsetByCodePoints(0, Math.min(6 * PROMPT_WORDS, points(beginning)));
    return beginning.substring(0, end);
  }

  private static int points(String text) {
    return text.codePointCount(0, text.length());
  }

  private String continuation(Decoder model, String prompt) {
    int[] ids = Documents.withBos(tokenizer, tokenizer.encode(prompt));
    if (ids.length == 0) {
      return "";
    }
    StreamingDecoder decoder = new StreamingDecoder(tokenizer);
    for (int id : ids) {
      var _ = decoder.add(id); // the first new token's text depends on what precedes it
    }
    StringBuilder continued = new StringBuilder();
    var _ =
        new Generator(model, Sampling.GREEDY)
            .generate(
                ids,
                CONTINUATION,
                id -> {
                  continued.append(decoder.add(id));
                  return true;
                });
    return continued.append(decoder.flush()).toString();
  }

  /** Tokens per second of the original and of the compressed model. */
  private double[] speeds() {
    double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    long start = System.nanoTime();
    int count = 1;
    for (int turn = 0; turn < TURNS && seconds(start) < TURN_SECONDS; turn++) {
      Window window = beginning();
      count = Math.min(TIMED, window.length() - 1);
      long[] ids = text.documents().get(window.document()).slice(window.start(), 1 + count);
      best[0] = Math.min(best[0], seconds(original, ids));
      best[1] = Math.min(best[1], seconds(compressed, ids));
    }
    return new double[] {count / best[0], count / best[1]};
  }

  /** Seconds of all tokens but the first, one by one. */
  private static double seconds(Decoder model, long[] ids) {
    try (var _ = new TensorScope();
        var cache = new KeyValueCache(model.architecture(), ids.length)) {
      next(model, ids[0], cache);
      long start = System.nanoTime();
      for (int i = 1; i < ids.length; i++) {
        next(model, ids[i], cache);
      }
      return seconds(start);
    }
  }

  private static void next(Decoder model, long id, KeyValueCache cache) {
    try (var _ = new TensorScope()) {
      var _ = model.next(Tensor.of(new long[] {id}, 1, 1), cache).toFloats();
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }
}
