package io.karipap.network.rg;

import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;

/**
 * A renormalization that has come to its end.
 *
 * @param end the last state, in the scope of the caller
 * @param steps how many were taken
 * @param logZPerSite natural logarithm of |Z| per site
 * @param <S> the scheme
 */
public record RenormalizationFlow<S extends RenormalizationScheme<S>>(
    S end, int steps, double logZPerSite) {

  /** Takes steps until the stopping rule says enough. Memory does not grow with their number. */
  public static <S extends RenormalizationScheme<S>> RenormalizationFlow<S> run(
      S start, TruncationRule truncation, Stopping stopping) {
    TensorOwner held = new TensorOwner();
    S state = start;
    try {
      double logZ = start.logZPerSite();
      int calm = 0;
      int steps = 0;
      while (steps < stopping.steps() && calm < 2) {
        TensorOwner next = new TensorOwner();
        try (var _ = new TensorScope()) {
          state = state.step(truncation).map(next::own);
          held.close();
          held = next;
          double before = logZ;
          logZ = state.logZPerSite();
          calm = stopping.isConverged(before, logZ) ? calm + 1 : 0;
        }
        steps++;
      }
      return new RenormalizationFlow<>(state.map(tensor -> tensor.copy()), steps, logZ);
    } finally {
      held.close();
    }
  }
}
