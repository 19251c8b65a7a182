package io.karipap.model.evaluate;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import java.util.Arrays;

/**
 * A text whose last tokens a model is to predict from those before them.
 *
 * @param ids all tokens; at least one is not predicted
 * @param predicted number of tokens at the end whose likelihood is asked for, at least 1
 * @param isCut whether tokens at the beginning were left out, because the model's context is too
 *     short
 */
public record Continuation(TokenSequence ids, int predicted, boolean isCut) {

  /** Checks the counts. */
  public Continuation {
    if (predicted < 1 || predicted >= ids.size()) {
      throw new IllegalArgumentException(
          "%d of %d tokens cannot be predicted".formatted(predicted, ids.size()));
    }
  }

  /**
   * Encodes a text and what may follow it as the Language Model Evaluation Harness does: white
   * space at the end of the context belongs to the continuation; both are encoded as one text,
   * whose tokens after as many as the context alone has are predicted; what is too long loses its
   * beginning. In front comes the tokenizer's BOS, if it has one (the harness with {@code
   * add_bos_token}).
   *
   * <p>Two texts that the harness stops at are scored here: a continuation that alone is longer
   * than the model's context loses its beginning as well, and where tokens across the border leave
   * none to predict, those are that the context alone does not begin with.
   *
   * @param longest tokens that the model is given at most; with the last one, which it only
   *     predicts, the ids are one more
   * @throws IllegalArgumentException if the continuation has no token, or there is none before it
   */
  public static Continuation encode(
      Tokenizer tokenizer, String context, String following, int longest) {
    int[] whole = Documents.withBos(tokenizer, tokenizer.encode(context + following));
    int[] alone = Documents.withBos(tokenizer, tokenizer.encode(context.stripTrailing()));
    int difference = Arrays.mismatch(alone, whole); // -1 if there is none
    int given = alone.length < whole.length ? alone.length : difference;
    if (given < 1) {
      throw new IllegalArgumentException(
          "nothing is left to predict of '%s' after its context".formatted(following.strip()));
    }
    int start = Math.max(0, whole.length - longest - 1);
    int predicted = Math.min(whole.length - given, longest);
    TokenSequence ids = TokenSequence.of(Arrays.copyOfRange(whole, start, whole.length));
    return new Continuation(ids, predicted, start > 0);
  }
}
