package io.karipap.model.evaluate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Windows that are computed together, and the places where they predict a token: all of a window
 * but its last, and none behind it.
 *
 * @param ids int64 [windows, longest]
 * @param places int64 [n], into the ids taken as a vector
 */
public record Predictions(Tensor ids, Tensor places) {

  /** Number of logits computed at a time, for vocabularies of any size. */
  private static final int LOGITS = 1 << 20;

  /** Fewer rows than this would wait for the head's matrix to be read. */
  private static final int LEAST_ROWS = 64;

  public static Predictions of(List<TokenSequence> documents, List<Window> windows) {
    Tensor ids = Windows.ids(documents, windows);
    int longest = ids.size(1);
    long[] places =
        IntStream.range(0, windows.size())
            .boxed()
            .flatMapToLong(i ->
                LongStream.range(0, windows.get(i).length() - 1L).map(j -> (long) i * longest + j))
            .toArray();
    return new Predictions(ids, Tensor.of(places, places.length));
  }

  public Predictions heldBy(TensorOwner owner) {
    return new Predictions(owner.own(ids), owner.own(places));
  }

  /** The tokens that follow the places, int64 [n]. */
  Tensor targets() {
    return ids.reshape(-1).narrow(0, 1, ids.elements() - 1).indexSelect(0, places);
  }

  /**
   * A model's states [windows, longest, d] at the places, in parts [., d] whose logits are few; the
   * same parts for all models of one vocabulary.
   */
  public List<Tensor> parts(Decoder model, Tensor states) {
    Tensor rows = states.reshape(-1, states.size(-1)).indexSelect(0, places);
    int most = Math.max(LEAST_ROWS, LOGITS / model.config().vocabularySize());
    List<Tensor> parts = new ArrayList<>();
    for (int start = 0; start < rows.size(0); start += most) {
      parts.add(rows.narrow(0, start, Math.min(most, rows.size(0) - start)));
    }
    return parts;
  }

  /** Log-probabilities [., vocabulary] of the next token. */
  public static Tensor logarithms(Decoder model, Tensor part) {
    return TensorScope.resultOf(() -> Functions.logSoftmax(model.head(part)));
  }

  /** Sum of KL(wanted || own) over rows of log-probabilities [., vocabulary], in nats. */
  public static double divergence(Tensor wanted, Tensor own) {
    try (var _ = new TensorScope()) {
      return wanted.exp().mul(wanted.sub(own)).sum().item();
    }
  }
}
