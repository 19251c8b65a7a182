package io.karipap.model;

import io.karipap.tensor.Tensor;

/** Sees what every linear layer is given. */
@FunctionalInterface
public interface Observer {

  /** An observer that looks away. */
  Observer NONE = (name, x) -> {};

  /**
   * Called before a linear layer is applied.
   *
   * @param name the layer's Hugging Face name, without the suffix {@code .weight}
   * @param x its input [batch, steps, columns]
   */
  void input(String name, Tensor x);
}
