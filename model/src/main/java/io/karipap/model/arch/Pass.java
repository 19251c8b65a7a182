package io.karipap.model.arch;

import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What all blocks are told in one forward pass.
 *
 * @param positions the tables of {@link Architecture#positions}
 * @param cache keys and values of the steps before, if there are any
 * @param observer shown what linear layers are given and make
 */
public record Pass(
    List<Tensor> positions, Optional<KeyValueCache> cache, ActivationObserver observer) {

  /** Copies the list. */
  public Pass {
    positions = List.copyOf(positions);
  }
}
