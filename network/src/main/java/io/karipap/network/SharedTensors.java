package io.karipap.network;

import io.karipap.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Keeps tensors that several factorizations hold one tensor. */
public final class SharedTensors {

  private SharedTensors() {}

  /**
   * A function that is applied once to every tensor, by identity, and remembers the results:
   * tensors that are shared before it are shared after it.
   */
  public static UnaryOperator<Tensor> once(UnaryOperator<Tensor> function) {
    IdentityHashMap<Tensor, Tensor> known = new IdentityHashMap<>();
    return tensor -> known.computeIfAbsent(tensor, function);
  }

  /** Every tensor once, by identity, in the order of its first appearance. */
  public static List<Tensor> distinct(Stream<Tensor> tensors) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return tensors.filter(seen::add).toList();
  }
}
