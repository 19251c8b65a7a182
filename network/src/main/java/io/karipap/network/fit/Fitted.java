package io.karipap.network.fit;

import io.karipap.network.Factorization;
import io.karipap.tensor.TensorScope;

/**
 * The result of a fit.
 *
 * @param factorization float64 cores, in the caller's scope
 * @param squaredError tr((W-V) C (W-V)^T) / tr(W C W^T), of the contracted matrix V
 * @param iterations steps or sweeps taken, of the start that won
 */
public record Fitted(Factorization factorization, double squaredError, int iterations) {

  /** The same in the scope that encloses the one in which it was made. */
  Fitted keptBy(TensorScope scope) {
    return new Fitted(factorization.map(scope::keep), squaredError, iterations);
  }
}
