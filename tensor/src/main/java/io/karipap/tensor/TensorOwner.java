package io.karipap.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds tensors that outlive the scope they were made in, such as the weights of a model. Unlike a
 * {@link TensorScope} it belongs to no thread.
 */
public final class TensorOwner implements AutoCloseable {

  private final List<Tensor> owned = new ArrayList<>();

  /**
   * Keeps a tensor alive until this owner closes.
   *
   * @return the same tensor
   */
  public synchronized Tensor own(Tensor tensor) {
    tensor.handle().retainReference();
    owned.add(tensor);
    return tensor;
  }

  /** Releases everything held; the tensors must not be used any more. */
  @Override
  public synchronized void close() {
    owned.forEach(tensor -> tensor.handle().releaseReference());
    owned.clear();
  }
}
