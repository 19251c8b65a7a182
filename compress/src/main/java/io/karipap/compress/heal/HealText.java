package io.karipap.compress.heal;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.model.train.TrainingSettings;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A text in two parts: the beginning is trained on, the end is held out.
 *
 * @param documents the whole text
 * @param trained windows of the beginning
 * @param heldOut windows of the end
 */
record HealText(List<TokenSequence> documents, List<Window> trained, List<Window> heldOut) {

  private static final int MAX_HELD_OUT_TOKENS = 1 << 13;

  /** Tokens of the text for one token that is held out, at least. */
  private static final int TEXT_PER_HELD_OUT = 10;

  /** Tokens that are trained on for one token that is held out, at least: a look takes time. */
  private static final int TRAINED_PER_HELD_OUT = 20;

  /**
   * Splits a text.
   *
   * @param context longest window, tokens
   * @param tokens length of the distillation
   */
  static HealText split(List<TokenSequence> documents, int context, long tokens) {
    List<Window> windows = Windows.cut(documents, context);
    long all = windows.stream().mapToLong(Window::length).sum();
    long held =
        Math.min(
            Math.min(MAX_HELD_OUT_TOKENS, all / TEXT_PER_HELD_OUT),
            1 + tokens / TRAINED_PER_HELD_OUT);
    int first = windows.size();
    for (long sum = 0; first > 1 && sum < held; first--) {
      sum += windows.get(first - 1).length();
    }
    return new HealText(
        documents, windows.subList(0, first), windows.subList(first, windows.size()));
  }

  /** The part that is trained on, as random windows. */
  TextMixture mixture(TrainingSettings settings) {
    int[] tokens =
        trained.stream()
            .flatMapToLong(
                w -> Arrays.stream(documents.get(w.document()).slice(w.start(), w.length())))
            .mapToInt(Math::toIntExact)
            .toArray();
    return new TextMixture(
        List.of(new TextMixture.Source(TokenSequence.of(tokens), 1)),
        settings.context() + 1,
        settings.seed());
  }

  /** A student's loss and its divergence from the original on the held-out part. */
  Evaluation evaluate(Weights student, Decoder original) {
    try (var _ = new TensorScope()) {
      // contracted once, and not for every batch
      Weights contracted = student.rebuilt();
      return Evaluation.of(
          new Decoder(original.architecture(), contracted, DType.F32),
          Optional.of(original),
          documents,
          heldOut,
          1,
          _ -> {});
    }
  }
}
