package io.karipap.model.arch;

import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import java.util.Optional;

/**
 * y = W x + b with W in any form.
 *
 * @param name Hugging Face name, without the suffix {@code .weight}
 * @param bias [rows]
 */
record Linear(String name, Factorization weight, Optional<Tensor> bias) {

  static Linear of(String name, Weights weights, boolean biased) {
    return new Linear(
        name,
        weights.matrix(name),
        biased ? Optional.of(weights.vector(name + ".bias")) : Optional.empty());
  }

  /** Applies the layer to x [..., columns], in the element type of x. */
  Tensor apply(Tensor x) {
    Tensor y = weight.apply(x);
    return bias.isPresent() ? y.add(bias.get().to(x.dtype())) : y;
  }

  /** Applies the layer and shows an observer the output. */
  Tensor apply(Tensor x, ActivationObserver observer) {
    Tensor y = apply(x);
    observer.output(name, y);
    return y;
  }
}
