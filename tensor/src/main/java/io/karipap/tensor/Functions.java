package io.karipap.tensor;

import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Differentiable functions of neural networks. */
public final class Functions {

  private Functions() {}

  /** x W^T + b for x [..., n], w [m, n] and b [m]: [..., m]. */
  public static Tensor linear(Tensor x, Tensor w, Optional<Tensor> b) {
    return b.isPresent()
        ? Native.call(
            "linear",
            () -> torch.linear(x.handle(), w.handle(), new TensorOptional(b.get().handle())),
            x,
            w,
            b.get())
        : Native.call("linear", () -> torch.linear(x.handle(), w.handle()), x, w);
  }

  /** Rows of table [v, d] for ids (int64) of any shape: [..., d]. */
  public static Tensor embedding(Tensor table, Tensor ids) {
    return Native.call(
        "embedding", () -> torch.embedding(table.handle(), ids.handle()), table, ids);
  }

  /** x sigmoid(x). */
  public static Tensor silu(Tensor x) {
    return Native.call("silu", () -> torch.silu(x.handle()), x);
  }

  /** Logarithm of the softmax over the last dimension. */
  public static Tensor logSoftmax(Tensor x) {
    return Native.call("logSoftmax", () -> torch.log_softmax(x.handle(), -1), x);
  }

  /** Softmax over the last dimension. */
  public static Tensor softmax(Tensor x) {
    return Native.call("softmax", () -> torch.softmax(x.handle(), -1), x);
  }

  /** Mean negative log-likelihood in nats of targets (int64 [n]) under logits [n, v]. */
  public static Tensor crossEntropy(Tensor logits, Tensor targets) {
    return Native.call(
        "crossEntropy",
        () -> torch.cross_entropy_loss(logits.handle(), targets.handle()),
        logits,
        targets);
  }

  /**
   * softmax(q k^T / sqrt(d)) v for q [batch, heads, queries, d] and k, v [batch, key heads, keys,
   * d], where heads is a multiple of key heads.
   *
   * @param causal query i sees keys 0..i; needs as many queries as keys
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return attention(q, k, v, new TensorOptional(), causal);
  }

  /** As {@link #attention(Tensor, Tensor, Tensor, boolean)} with a mask added to the scores. */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, Tensor mask) {
    return attention(q, k, v, new TensorOptional(mask.handle()), false);
  }

  private static Tensor attention(
      Tensor q, Tensor k, Tensor v, TensorOptional mask, boolean causal) {
    boolean grouped = q.size(1) != k.size(1);
    return Native.call(
        "attention",
        () ->
            torch.scaled_dot_product_attention(
                q.handle(),
                k.handle(),
                v.handle(),
                mask,
                0.0,
                causal,
                new DoubleOptional(),
                grouped),
        q,
        k,
        v);
  }
}
