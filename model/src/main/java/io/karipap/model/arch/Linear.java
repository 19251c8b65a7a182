package io.karipap.model.arch;

import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import java.util.Optional;

/**
 * y = W x + b with W in any form.
 *
 * @param name of the matrix
 * @param bias [rows]
 */
public record Linear(String name, Factorization weight, Optional<Tensor> bias) {

  /** The layer of a matrix, and of its bias if it has one. */
  public static Linear of(MatrixSpec matrix, Weights weights) {
    return of(matrix, weights.matrix(matrix.name()), weights);
  }

  /** The layer that applies another matrix in a matrix's place. */
  static Linear of(MatrixSpec matrix, Factorization weight, Weights weights) {
    return new Linear(
        matrix.name(),
        weight,
        matrix.biased() ? Optional.of(weights.vector(matrix.bias())) : Optional.empty());
  }

  /** Applies the layer to x [..., columns], in the element type of x. */
  public Tensor apply(Tensor x) {
    Tensor y = weight.apply(x);
    return bias.isPresent() ? y.add(bias.get().to(x.dtype())) : y;
  }

  /** Applies the layer and shows an observer the output. */
  public Tensor apply(Tensor x, ActivationObserver observer) {
    Tensor y = apply(x);
    observer.output(name, y);
    return y;
  }
}
