package io.karipap.network.rg;

import io.karipap.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * The state of a renormalization of an infinite square lattice: it can be taken one step further.
 * {@link RenormalizationFlow} decides how far.
 *
 * @param <S> the scheme itself
 */
public interface RenormalizationScheme<S extends RenormalizationScheme<S>> {

  /** The next state; this one stays as it is. */
  S step(TruncationRule truncation);

  /** Natural logarithm of |Z| per site of the original lattice, as far as this state knows it. */
  double logZPerSite();

  /** The same state with every tensor replaced, for instance by a copy in another scope. */
  S map(UnaryOperator<Tensor> replace);
}
