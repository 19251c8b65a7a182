package io.karipap.model.evaluate;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.arch.Decoder;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * How well a model predicts a text.
 *
 * @param tokens number of predicted tokens
 * @param bytes UTF-8 bytes of the predicted text
 * @param loss mean negative log-likelihood in nats per token
 * @param top1 share of tokens that were the likeliest
 * @param comparison with another model, if there was one
 */
public record Evaluation(
    long tokens, long bytes, double loss, double top1, Optional<Comparison> comparison) {

  /**
   * A model held against a reference model on the same tokens.
   *
   * @param kl mean Kullback-Leibler divergence KL(reference || model) in nats per token
   * @param agreement share of tokens where both find the same token likeliest
   */
  public record Comparison(double kl, double agreement) {}

  /** exp(loss). */
  public double perplexity() {
    return Math.exp(loss);
  }

  /** Loss in bits per byte of predicted text: comparable between tokenizers. */
  public double bitsPerByte() {
    return loss * tokens / bytes / Math.log(2);
  }

  /**
   * Evaluates a model on documents.
   *
   * @param context tokens per window; windows do not overlap, and every token but a window's first
   *     is predicted
   * @param progress told the share done, from 0 to 1, by one thread at a time
   */
  public static Evaluation of(
      Decoder model,
      Optional<Decoder> reference,
      Tokenizer tokenizer,
      Documents documents,
      int context,
      DoubleConsumer progress) {
    List<TokenSequence> ids = documents.encode(tokenizer);
    return of(
        model,
        reference,
        ids,
        Windows.cut(ids, context),
        bytes(tokenizer, documents, ids, context),
        progress);
  }

  /**
   * Evaluates a model on windows of given ids.
   *
   * @param bytes length of the predicted text
   */
  public static Evaluation of(
      Decoder model,
      Optional<Decoder> reference,
      List<TokenSequence> documents,
      List<Window> windows,
      long bytes,
      DoubleConsumer progress) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("the text has no token to predict");
    }
    Sums sums = new Sums();
    Batches.run(
            model,
            windows,
            batch -> {
              Sums own = new Sums();
              own.add(model, reference, documents, batch);
              return own;
            },
            progress)
        .forEach(sums::add);
    return new Evaluation(
        sums.tokens,
        bytes,
        sums.loss / sums.tokens,
        (double) sums.hits / sums.tokens,
        reference.map(
            _ -> new Comparison(sums.kl / sums.tokens, (double) sums.agreed / sums.tokens)));
  }

  /** What is added up over the predicted tokens. */
  private static final class Sums {
    private long tokens;
    private long hits;
    private long agreed;
    private double loss;
    private double kl;

    void add(Sums other) {
      tokens += other.tokens;
      hits += other.hits;
      agreed += other.agreed;
      loss += other.loss;
      kl += other.kl;
    }

    void add(
        Decoder model,
        Optional<Decoder> reference,
        List<TokenSequence> documents,
        List<Window> batch) {
      Predictions predictions = Predictions.of(documents, batch);
      Tensor targets = predictions.targets();
      List<Tensor> states = states(model, predictions);
      Optional<List<Tensor>> references = reference.map(r -> states(r, predictions));
      int start = 0;
      for (int i = 0; i < states.size(); i++) {
        try (var _ = new TensorScope()) {
          Tensor log = Predictions.logarithms(model, states.get(i));
          Tensor target = targets.narrow(0, start, log.size(0));
          start += log.size(0);
          loss -= log.gather(1, target.unsqueeze(1)).sum().item();
          Tensor likeliest = log.argmax(1);
          hits += equal(likeliest, target);
          if (reference.isPresent()) {
            Tensor other = Predictions.logarithms(reference.get(), references.get().get(i));
            kl += Predictions.divergence(other, log);
            agreed += equal(likeliest, other.argmax(1));
          }
        }
      }
      tokens += start;
    }

    private static List<Tensor> states(Decoder model, Predictions predictions) {
      return predictions.parts(model, model.hidden(predictions.ids()).getLast());
    }

    private static long equal(Tensor a, Tensor b) {
      long[] left = a.toLongs();
      long[] right = b.toLongs();
      return IntStream.range(0, left.length).filter(i -> left[i] == right[i]).count();
    }
  }

  /** Bytes of the text of all tokens that are not the first of a window. */
  private static long bytes(
      Tokenizer tokenizer, Documents documents, List<TokenSequence> ids, int context) {
    return IntStream.range(0, ids.size())
        .parallel()
        .mapToLong(i -> {
          long sum = length(documents.texts().get(i));
          for (int start = 0; start < ids.get(i).size(); start += context) {
            sum -= bytes(tokenizer, ids.get(i), start);
          }
          return sum;
        })
        .sum();
  }

  /**
   * Bytes of one token's text: what it adds to that of the few tokens before it, on which a space
   * may depend.
   */
  private static long bytes(Tokenizer tokenizer, TokenSequence document, int place) {
    int from = Math.max(0, place - 8);
    return length(tokenizer, document, from, place + 1) - length(tokenizer, document, from, place);
  }

  /** Bytes of the text of the tokens {@code from}, ..., {@code to - 1}. */
  private static long length(Tokenizer tokenizer, TokenSequence document, int from, int to) {
    int[] ids = Arrays.stream(document.slice(from, to - from)).mapToInt(Math::toIntExact).toArray();
    return length(tokenizer.decode(ids));
  }

  private static long length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
