package io.karipap.model.family;

import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Linear;
import io.karipap.model.arch.Pass;
import io.karipap.model.arch.Precision;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.List;

/** Causal grouped-query attention (Ainslie et al. 2023) with rotary positions. */
record Attention(
    LlamaConfig config, Linear query, Linear key, Linear value, Linear output, int block) {

  /**
   * The layer's contribution to the residual stream for x [batch, steps, d].
   *
   * @param pass its positions are the tables of a {@link RotaryEmbedding}
   */
  Tensor apply(Tensor x, Pass pass) {
    RotaryEmbedding rotary = RotaryEmbedding.of(pass.positions());
    ActivationObserver observer = pass.observer();
    observer.input(List.of(query.name(), key.name(), value.name()), x);
    Tensor q = heads(rotary.turn(query.apply(x, observer)), config.heads());
    Tensor k = heads(rotary.turn(key.apply(x, observer)), config.keyValueHeads());
    Tensor v = heads(Precision.atLeastSingle(value.apply(x, observer)), config.keyValueHeads());
    if (pass.cache().isPresent()) {
      k = pass.cache().get().appendKeys(block, k);
      v = pass.cache().get().appendValues(block, v);
    }
    Tensor joined =
        attend(q, k, v, x.dtype()).transpose(1, 2).reshape(x.size(0), x.size(1), -1).to(x.dtype());
    observer.input(List.of(output.name()), joined);
    return output.apply(joined, observer);
  }

  private Tensor heads(Tensor x, int count) {
    return x.reshape(x.size(0), x.size(1), count, config.headDimension()).transpose(1, 2);
  }

  private Tensor attend(Tensor q, Tensor k, Tensor v, DType compute) {
    int queries = q.size(2);
    int keys = k.size(2);
    int window = config.slidingWindow().orElse(Integer.MAX_VALUE);
    if (keys > window || (queries > 1 && queries < keys)) {
      return Functions.attention(q, k, v, mask(queries, keys, window).to(q.dtype()));
    }
    return queries == 1
        ? Functions.attention(q, k, v, false)
        : CausalAttention.apply(q, k, v, compute);
  }

  /** 0 where query i may see key j, minus infinity elsewhere; the last query sees the last key. */
  private static Tensor mask(int queries, int keys, int window) {
    float[] mask = new float[Math.multiplyExact(queries, keys)];
    for (int i = 0; i < queries; i++) {
      int position = keys - queries + i;
      for (int j = 0; j < keys; j++) {
        boolean visible = j <= position && j > position - window;
        mask[i * keys + j] = visible ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    return Tensor.of(mask, queries, keys);
  }
}
