package io.karipap.network.rg;

import io.karipap.tensor.Linalg;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;

/**
 * The largest singular values and vectors of a matrix from products with a few random vectors
 * (Halko, Martinsson and Tropp, SIAM Rev. 53, 217, algorithms 4.4 and 5.1).
 *
 * <p>A direction's error falls with every iteration by the square of the ratio of the first
 * singular value outside of the iterated space to its own. Spectra of critical systems fall slowly:
 * with twice as many vectors as asked for and two iterations ln Z of the critical Ising model
 * changes by less than 1e-12.
 */
final class RandomizedSvd {

  private static final int ITERATIONS = 2;
  private static final long SEED = 1;

  private RandomizedSvd() {}

  /**
   * The first singular values and vectors.
   *
   * @param a [m, n]
   * @param rank how many are wanted, at most min(m, n) / 2; twice as many are returned, of which
   *     the second half is less exact
   */
  static Linalg.Svd of(Tensor a, int rank) {
    Tensor random = new RandomTensors(SEED).normal(a.dtype(), a.size(1), 2L * rank);
    Tensor range = Linalg.qr(a.matmul(random)).q();
    for (int i = 0; i < ITERATIONS; i++) {
      Tensor corange = Linalg.qr(a.transpose().matmul(range)).q();
      range = Linalg.qr(a.matmul(corange)).q();
    }
    // A ~ Q Q^T A: the thin QR of (Q^T A)^T leaves a small square matrix to decompose
    Linalg.Qr small = Linalg.qr(a.transpose().matmul(range));
    Linalg.Svd svd = Linalg.svd(small.r());
    return new Linalg.Svd(
        range.matmul(svd.vh().transpose()), svd.s(), small.q().matmul(svd.u()).transpose());
  }
}
