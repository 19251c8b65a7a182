package io.karipap.compress.heal;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Space;
import io.karipap.model.arch.Weights;
import io.karipap.model.gauge.Gauge;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.Rotation;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * Turns an original into the basis of its compressed model, whose residual stream was rotated when
 * it was made. The rotation is not stored, and is found again from the hidden states X of the
 * original and Y of the compressed model: the orthogonal Q with the smallest ||X Q - Y||, summed
 * over the embeddings and all blocks, each relative to ||X|| (the orthogonal Procrustes problem,
 * Schoenemann 1966: Q = U V^T for X^T Y = U S V^T). If nothing but the basis has changed, Q is the
 * rotation itself.
 *
 * <p>Other gauges do not touch the residual stream.
 */
public final class BasisAlignment {

  /** Tokens of the states that are compared; many times the width of the residual stream. */
  private static final int ALIGNMENT_TOKENS = 1 << 13;

  private BasisAlignment() {}

  /**
   * The original with its residual stream rotated; its logits stay as they are. Must be called
   * inside a tensor scope.
   *
   * @param text to run both on
   */
  public static Weights align(
      Architecture architecture, Weights original, Weights student, List<TokenSequence> text) {
    Space stream = architecture.head().input();
    Tensor overlap = Tensor.zeros(DType.F64, stream.size(), stream.size());
    Decoder from = new Decoder(architecture, original);
    Decoder to = new Decoder(architecture, student.rebuilt());
    List<Windows.Window> windows =
        Windows.spread(Windows.cut(text, architecture.config().contextLength()), ALIGNMENT_TOKENS);
    try (var _ = Autograd.off()) {
      for (Windows.Window window : windows) {
        try (var _ = new TensorScope()) {
          long[] ids = text.get(window.document()).slice(window.start(), window.length());
          Tensor batch = Tensor.of(ids, 1, ids.length);
          add(overlap, from.hidden(batch), to.hidden(batch));
        }
      }
    }
    var svd = Linalg.svd(overlap);
    // columns x' = Q^T x
    Rotation rotation = new Rotation(svd.vh().transpose().matmul(svd.u().transpose()));
    return new Gauge(Map.of(stream, rotation))
        .apply(architecture, NormFolding.fold(architecture, original));
  }

  /**
   * X^T Y of the embeddings and of every block's output; the last state, the norm's, is left out.
   */
  private static void add(Tensor overlap, List<Tensor> from, List<Tensor> to) {
    for (int i = 0; i < from.size() - 1; i++) {
      Tensor x = rows(from.get(i));
      overlap.addInPlace(x.transpose().matmul(rows(to.get(i))), 1 / x.square().sum().item());
    }
  }

  private static Tensor rows(Tensor states) {
    return states.reshape(-1, states.size(-1)).to(DType.F64);
  }
}
