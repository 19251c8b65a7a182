package io.karipap.model.calibrate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.evaluate.Predictions;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Factorization;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What exchanging a single matrix does to a model's predictions. The model's own states and
 * predictions are worked out once; with a matrix exchanged, only what follows it is worked out
 * again. Several threads may probe at a time.
 */
public final class SingleMatrixKl {

  private static final int BATCH_TOKENS = 2048;

  /**
   * Windows that are computed together.
   *
   * @param states the residual stream before every block, and before the final norm
   * @param logarithms the original's log-probabilities, part by part
   */
  private record Batch(Predictions predictions, List<Tensor> states, List<Tensor> logarithms) {}

  private final Decoder original;
  private final List<Batch> batches;

  private SingleMatrixKl(Decoder original, List<Batch> batches) {
    this.original = original;
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
  public static SingleMatrixKl of(
      Decoder original, List<TokenSequence> documents, List<Window> windows, TensorOwner owner) {
    List<Batch> batches = new ArrayList<>();
    for (List<Window> windowsTogether : Windows.batches(windows, BATCH_TOKENS)) {
      try (var _ = Autograd.off();
          var _ = new TensorScope()) {
        batches.add(batch(original, documents, windowsTogether, owner));
      }
    }
    return new SingleMatrixKl(original, batches);
  }

  private static Batch batch(
      Decoder original, List<TokenSequence> documents, List<Window> windows, TensorOwner owner) {
    Predictions predictions = Predictions.of(documents, windows).heldBy(owner);
    List<Tensor> states = original.hidden(predictions.ids());
    List<Tensor> logarithms = new ArrayList<>();
    for (Tensor part : predictions.parts(original, states.getLast())) {
      try (var _ = new TensorScope()) {
        logarithms.add(owner.own(Predictions.logarithms(original, part)));
      }
    }
    return new Batch(
        predictions,
        states.subList(0, states.size() - 1).stream().map(owner::own).toList(),
        logarithms);
  }

  /**
   * Mean KL(original || changed) of the next token, in nats.
   *
   * @param matrix name of the matrix that is exchanged
   * @param by what it is exchanged for
   */
  public double divergence(String matrix, Factorization by) {
    MatrixSpec name = original.architecture().matrix(matrix);
    double sum = 0;
    long tokens = 0;
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder changed = original.with(Map.of(matrix, by));
      for (Batch batch : batches) {
        try (var _ = new TensorScope()) {
          sum += divergence(changed, name, batch);
          tokens += batch.predictions().places().elements();
        }
      }
    }
    return sum / tokens;
  }

  /** States after the final norm, those before the exchanged matrix being the original's. */
  private static Tensor normed(Decoder changed, MatrixSpec name, Batch batch) {
    if (name.inBlock()) {
      int layers = changed.config().layers();
      return changed.normed(
          changed.through(batch.states().get(name.block()), name.block(), layers - name.block()));
    }
    return name.role() == Role.HEAD
        ? changed.normed(batch.states().getLast())
        : changed.hidden(batch.predictions().ids()).getLast();
  }

  private static double divergence(Decoder changed, MatrixSpec name, Batch batch) {
    List<Tensor> states = batch.predictions().parts(changed, normed(changed, name, batch));
    double sum = 0;
    for (int i = 0; i < states.size(); i++) {
      try (var _ = new TensorScope()) {
        Tensor own = Predictions.logarithms(changed, states.get(i));
        sum += Predictions.divergence(batch.logarithms().get(i), own);
      }
    }
    return sum;
  }
}
