package io.karipap.model.arch;

import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Sees what every linear layer is given, and what it makes of it. The tensors are gone when the
 * block is left, unless the observer lets a {@link io.karipap.tensor.TensorOwner} hold them.
 */
@FunctionalInterface
public interface ActivationObserver {

  /** An observer that looks away. */
  ActivationObserver NONE = (names, x) -> {};

  /**
   * Called before linear layers are applied.
   *
   * @param names Hugging Face names, without the suffix {@code .weight}, of the layers that share
   *     the input
   * @param x the input [batch, steps, columns]
   */
  void input(List<String> names, Tensor x);

  /**
   * Called after a linear layer was applied.
   *
   * @param name Hugging Face name, without the suffix {@code .weight}
   * @param y the output [batch, steps, rows], bias included; a node of the graph if one is recorded
   */
  default void output(String name, Tensor y) {}
}
