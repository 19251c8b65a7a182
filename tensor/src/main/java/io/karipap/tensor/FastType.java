package io.karipap.tensor;

/** Finds out in which element type this machine multiplies matrices fastest. */
public final class FastType {

  private static final int SIZE = 1024;

  private FastType() {}

  /**
   * BF16 if it is at least half as fast again as F32 here, as with AMX, else F32. Takes some ten
   * milliseconds.
   */
  public static DType measured() {
    try (var _ = new TensorScope()) {
      Tensor single = Tensor.full(1, DType.F32, SIZE, SIZE);
      return seconds(single.to(DType.BF16)) * 1.5 < seconds(single) ? DType.BF16 : DType.F32;
    }
  }

  private static double seconds(Tensor a) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      long start = System.nanoTime();
      try (var _ = new TensorScope()) {
        var _ = a.matmul(a);
      }
      best = Math.min(best, System.nanoTime() - start);
    }
    return best * 1e-9;
  }
}
