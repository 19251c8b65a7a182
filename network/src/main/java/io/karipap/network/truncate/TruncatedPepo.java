package io.karipap.network.truncate;

import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.PepoFit;
import io.karipap.tensor.Tensor;

/**
 * A network with a smaller bond.
 *
 * @param pepo the network
 * @param squaredError tr(G (W-V) C (W-V)^T) / tr(G W C W^T), of the contracted matrix V
 * @param contraction how the environment of the bond was contracted
 * @param environmentError estimated relative error of that environment, 0 for an exact one or none
 */
public record TruncatedPepo(
    Pepo pepo, double squaredError, Contraction contraction, double environmentError) {

  /** All tensors of the network improved by L-BFGS. */
  public TruncatedPepo refitted(Tensor w, Metric metric, FitOptions options) {
    Fitted fitted = PepoFit.from(pepo, w, metric, options);
    return new TruncatedPepo(
        (Pepo) fitted.factorization(), fitted.squaredError(), contraction, environmentError);
  }

  static TruncatedPepo of(
      Pepo pepo, Tensor w, Metric metric, Contraction contraction, double environmentError) {
    return new TruncatedPepo(
        pepo, metric.squaredError(w, pepo.matrix()), contraction, environmentError);
  }
}
