package io.karipap.model.family;

import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Causal attention over a whole window, softmax(q k^T / sqrt(d) + mask) v, in the way that is
 * fastest to differentiate.
 *
 * <p>In float32 and float64 that is libtorch's fused kernel. Its bfloat16 backward pass runs
 * without the processor's matrix units, 20 times slower; there the products are written out
 * instead, one block of queries after the other, so that only keys up to a block's end are
 * multiplied.
 */
final class CausalAttention {

  private static final int BLOCK = 128;

  /** Narrower heads than this have no fast bfloat16 product either. */
  private static final int NARROW = 32;

  private CausalAttention() {}

  /**
   * Mixed values [batch, heads, steps, d] for q [batch, heads, steps, d] and k, v [batch, key
   * heads, steps, d], in the element type that they were computed in.
   *
   * @param compute BF16 for the products in bfloat16, if the heads are wide enough; else they are
   *     computed in the element type of q
   */
  static Tensor apply(Tensor q, Tensor k, Tensor v, DType compute) {
    if (compute != DType.BF16 || q.size(-1) < NARROW) {
      return Functions.attention(q, k, v, true);
    }
    int group = q.size(1) / k.size(1);
    Tensor queries = q.mul(1 / Math.sqrt(q.size(-1))).to(compute);
    Tensor keys = repeat(k.to(compute), group).transpose();
    Tensor values = repeat(v.to(compute), group);
    int steps = q.size(2);
    List<Tensor> mixed = new ArrayList<>();
    for (int start = 0; start < steps; start += BLOCK) {
      int end = Math.min(start + BLOCK, steps);
      Tensor scores = queries.narrow(2, start, end - (long) start).matmul(keys.narrow(3, 0, end));
      Tensor weights = Functions.softmax(scores.add(mask(start, end).to(compute)));
      mixed.add(weights.matmul(values.narrow(2, 0, end)));
    }
    return Tensor.concatenate(mixed, 2);
  }

  /** Every key head as often as there are query heads in its group. */
  private static Tensor repeat(Tensor x, int group) {
    return group == 1
        ? x
        : x.unsqueeze(2)
            .expand(-1, -1, group, -1, -1)
            .reshape(x.size(0), (long) x.size(1) * group, x.size(2), x.size(3));
  }

  /** 0 where a query at {@code start}, ..., {@code end - 1} may look, minus infinity beyond it. */
  private static Tensor mask(int start, int end) {
    float[] mask = new float[(end - start) * end];
    for (int i = start; i < end; i++) {
      Arrays.fill(mask, (i - start) * end + i + 1, (i - start + 1) * end, Float.NEGATIVE_INFINITY);
    }
    return Tensor.of(mask, end - (long) start, end);
  }
}
