package io.karipap.tensor;

/**
 * Losses of logits over a vocabulary, averaged over positions, with the gradient worked out beside
 * the value: rows of a few hundred kilobytes at a time, widened to float32 in the cache. Automatic
 * differentiation would keep several float32 tensors of the logits' size and go through memory a
 * dozen times.
 */
public final class VocabularyLoss {

  /** Number of logits that are processed together: 512 KiB in float32. */
  private static final long CHUNK_ELEMENTS = 1 << 17;

  private VocabularyLoss() {}

  /** The logarithms of the probabilities of some rows, and the gradient by their logits. */
  private record Rows(Tensor value, Tensor gradient) {}

  @FunctionalInterface
  private interface RowLoss {
    /** Sum of the losses of some rows, and the gradient by their logits. */
    Rows of(Tensor logProbabilities, long start, long count);
  }

  /**
   * Mean negative log-likelihood in nats, differentiable once by the logits.
   *
   * @param logits [n, v]
   * @param targets int64 [n]
   * @return a scalar in float32, or in float64 for such logits
   */
  public static Tensor crossEntropy(Tensor logits, Tensor targets) {
    int vocabulary = logits.size(1);
    return averaged(
        logits,
        (own, start, count) -> {
          Tensor flat =
              Tensor.range(0, count)
                  .mul((double) vocabulary)
                  .to(DType.I64)
                  .add(targets.narrow(0, start, count));
          Tensor value = own.reshape(-1).indexSelect(0, flat).sum().neg();
          // d/dz_j -log p_t = p_j - [j = t]
          Tensor gradient = own.exp();
          gradient.reshape(-1).addAtInPlace(flat, Tensor.full(-1, own.dtype(), count));
          return new Rows(value, gradient);
        });
  }

  /**
   * Mean KL(p || q) in nats of p = softmax(teacher) and q = softmax(student), differentiable once
   * by the student's logits.
   *
   * @param teacher [n, v]
   * @param student [n, v]
   * @return a scalar in float32, or in float64 for such logits
   */
  public static Tensor divergence(Tensor teacher, Tensor student) {
    return averaged(
        student,
        (own, start, count) -> {
          Tensor wanted =
              Functions.logSoftmax(teacher.detach().narrow(0, start, count).to(own.dtype()));
          Tensor p = wanted.exp();
          Tensor value = p.reshape(-1).dot(wanted.sub(own).reshape(-1));
          // d/dz_j sum_i p_i log (p_i / q_i) = q_j - p_j
          Tensor gradient = own.exp();
          gradient.addInPlace(p, -1);
          return new Rows(value, gradient);
        });
  }

  private static Tensor averaged(Tensor logits, RowLoss loss) {
    long n = logits.size(0);
    long rows = Math.max(1, CHUNK_ELEMENTS / logits.size(1));
    DType wide = logits.dtype() == DType.F64 ? DType.F64 : DType.F32;
    Tensor constant = logits.detach();
    Tensor gradient = constant.zerosLike();
    double sum = 0;
    try (var _ = Autograd.off()) {
      for (long start = 0; start < n; start += rows) {
        long count = Math.min(rows, n - start);
        try (var _ = new TensorScope()) {
          Tensor own = Functions.logSoftmax(constant.narrow(0, start, count).to(wide));
          Rows some = loss.of(own, start, count);
          sum += some.value().item();
          some.gradient().scaleInPlace(1 / (double) n);
          gradient.narrow(0, start, count).copyFrom(some.gradient());
        }
      }
    }
    // the product's derivative is the gradient; its value is taken out again
    Tensor product = logits.reshape(-1).dot(gradient.reshape(-1)).to(wide);
    return product.sub(product.detach()).add(sum / (double) n);
  }
}
