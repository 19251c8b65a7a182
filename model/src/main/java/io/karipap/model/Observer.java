package io.karipap.model;

import io.karipap.tensor.Tensor;
import java.util.List;

/** Sees what every linear layer is given. */
@FunctionalInterface
public interface Observer {

  /** An observer that looks away. */
  Observer NONE = (names, x) -> {};

  /**
   * Called before linear layers are applied.
   *
   * @param names Hugging Face names, without the suffix {@code .weight}, of the layers that share
   *     the input
   * @param x the input [batch, steps, columns]
   */
  void input(List<String> names, Tensor x);
}
