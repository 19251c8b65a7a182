package io.karipap.model;

import io.karipap.model.Windows.Window;
import io.karipap.network.Factorization;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What exchanging a single matrix does to a model's predictions. The model's own states and
 * predictions are worked out once; with a matrix exchanged, only what follows it is worked out
 * again. Several threads may probe at a time.
 */
public final class Probe {

  private static final int BATCH_TOKENS = 2048;

  /** Logits are made for so many values at a time, whatever the vocabulary. */
  private static final int LOGITS = 1 << 24;

  /**
   * Windows that are computed together.
   *
   * @param ids [windows, longest]
   * @param predicting places in ids, taken as a vector, that the next token is predicted at
   * @param states the residual stream before every block, and before the final norm
   * @param logProbabilities [places, vocabulary]
   */
  private record Batch(
      Tensor ids, Tensor predicting, List<Tensor> states, Tensor logProbabilities) {}

  private final Decoder original;
  private final Map<String, MatrixName> names;
  private final List<Batch> batches;

  private Probe(Decoder original, List<Batch> batches) {
    this.original = original;
    this.names =
        MatrixName.all(original.config()).stream()
            .collect(Collectors.toMap(MatrixName::name, name -> name));
    this.batches = batches;
  }

  /**
   * A probe on some windows.
   *
   * @param original whose tensor scope stays open
   * @param windows of the documents, at least one
   * @param owner holds what is worked out: for every token its logits, and the residual stream once
   *     for every block
   */
  public static Probe of(
      Decoder original, List<TokenSequence> documents, List<Window> windows, TensorOwner owner) {
    List<Batch> batches = new ArrayList<>();
    for (List<Window> windowsTogether : Windows.batches(windows, BATCH_TOKENS)) {
      try (var _ = Autograd.off();
          var _ = new TensorScope()) {
        batches.add(batch(original, documents, windowsTogether, owner));
      }
    }
    return new Probe(original, batches);
  }

  private static Batch batch(
      Decoder original, List<TokenSequence> documents, List<Window> windows, TensorOwner owner) {
    Tensor ids = owner.own(Windows.ids(documents, windows));
    int longest = ids.size(1);
    long[] places =
        IntStream.range(0, windows.size())
            .boxed()
            .flatMapToLong(i ->
                LongStream.range(0, windows.get(i).length() - 1L).map(j -> (long) i * longest + j))
            .toArray();
    Tensor predicting = owner.own(Tensor.of(places, places.length));
    List<Tensor> states = original.hidden(ids);
    List<Tensor> parts = new ArrayList<>();
    for (Tensor part : parts(original, rows(states.getLast(), predicting))) {
      parts.add(Functions.logSoftmax(original.head(part)));
    }
    return new Batch(
        ids,
        predicting,
        states.subList(0, states.size() - 1).stream().map(owner::own).toList(),
        owner.own(Tensor.concatenate(parts, 0)));
  }

  /**
   * Mean KL(original || changed) of the next token, in nats.
   *
   * @param matrix name of the matrix that is exchanged
   * @param by what it is exchanged for
   */
  public double divergence(String matrix, Factorization by) {
    MatrixName name = names.get(matrix);
    if (name == null) {
      throw new IllegalArgumentException("the model has no matrix " + matrix);
    }
    double sum = 0;
    long tokens = 0;
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder changed = original.with(Map.of(matrix, by));
      for (Batch batch : batches) {
        try (var _ = new TensorScope()) {
          sum += divergence(changed, batch, rows(normed(changed, name, batch), batch.predicting()));
          tokens += batch.predicting().elements();
        }
      }
    }
    return sum / tokens;
  }

  /** States after the final norm, those before the exchanged matrix being the original's. */
  private static Tensor normed(Decoder changed, MatrixName name, Batch batch) {
    if (name.inBlock()) {
      int layers = changed.config().layers();
      return changed.normed(
          changed.through(batch.states().get(name.block()), name.block(), layers - name.block()));
    }
    return name.name().equals(Decoder.HEAD)
        ? changed.normed(batch.states().getLast())
        : changed.hidden(batch.ids()).getLast();
  }

  private static double divergence(Decoder changed, Batch batch, Tensor states) {
    double sum = 0;
    long start = 0;
    for (Tensor part : parts(changed, states)) {
      try (var _ = new TensorScope()) {
        Tensor own = Functions.logSoftmax(changed.head(part));
        Tensor wanted = batch.logProbabilities().narrow(0, start, part.size(0));
        sum += wanted.exp().mul(wanted.sub(own)).sum().item();
        start += part.size(0);
      }
    }
    return sum;
  }

  private static Tensor rows(Tensor states, Tensor chosen) {
    return states.reshape(-1, states.size(-1)).indexSelect(0, chosen);
  }

  /** Rows [n, d] in parts whose logits are few. */
  private static List<Tensor> parts(Decoder model, Tensor rows) {
    int most = Math.max(1, LOGITS / model.config().vocabularySize());
    List<Tensor> parts = new ArrayList<>();
    for (int start = 0; start < rows.size(0); start += most) {
      parts.add(rows.narrow(0, start, Math.min(most, rows.size(0) - start)));
    }
    return parts;
  }
}
