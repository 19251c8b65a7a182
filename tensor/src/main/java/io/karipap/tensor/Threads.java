package io.karipap.tensor;

import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** How many threads the native kernels may use. */
public final class Threads {

  private Threads() {}

  /** Number of processors that the JVM may use. */
  public static int available() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Number of threads that kernels called from this thread use now. */
  public static int inUse() {
    Libtorch.load();
    return torch.get_num_threads();
  }

  /**
   * Sets the number of threads of the kernels called from this thread; the BLAS library knows only
   * one number for the whole process and gets the same one.
   *
   * @param count at least 1. Work that is already parallel over matrices is fastest with 1, and SVD
   *     and QR with 2 threads on a busy machine can be ten times slower than with 1
   */
  public static void use(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("at least one thread is needed, not " + count);
    }
    Libtorch.load();
    torch.set_num_threads(count);
    openblas.blas_set_num_threads(count);
  }
}
