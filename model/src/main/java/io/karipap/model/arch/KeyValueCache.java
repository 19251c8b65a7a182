package io.karipap.model.arch;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the positions seen so far, of every block, for one sequence or several of one
 * length; kept in float32.
 */
public final class KeyValueCache implements AutoCloseable {

  private final TensorOwner owner = new TensorOwner();
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();
  private int length;

  /** An empty cache for {@code capacity} positions. Must be made inside a tensor scope. */
  public KeyValueCache(Architecture architecture, int capacity) {
    this(architecture, 1, capacity);
  }

  /** The same for several sequences. */
  public KeyValueCache(Architecture architecture, int sequences, int capacity) {
    for (int i = 0; i < architecture.config().layers(); i++) {
      keys.add(owner.own(empty(architecture.only(Role.KEY, i), sequences, capacity)));
      values.add(owner.own(empty(architecture.only(Role.VALUE, i), sequences, capacity)));
    }
  }

  private static Tensor empty(MatrixSpec matrix, int sequences, int capacity) {
    Space heads = matrix.output();
    return Tensor.zeros(DType.F32, sequences, heads.heads(), capacity, heads.width());
  }

  /** Number of positions held. */
  public int length() {
    return length;
  }

  /** Number of positions there is room for. */
  public int capacity() {
    return keys.getFirst().size(2);
  }

  /**
   * Stores keys of one block behind those held; gives all of them [sequences, heads, length + new,
   * d].
   */
  public Tensor appendKeys(int block, Tensor fresh) {
    return append(keys.get(block), fresh);
  }

  /** As {@link #appendKeys}, for values. */
  public Tensor appendValues(int block, Tensor fresh) {
    return append(values.get(block), fresh);
  }

  private Tensor append(Tensor store, Tensor fresh) {
    store.narrow(2, length, fresh.size(2)).copyFrom(fresh);
    return store.narrow(2, 0, length + fresh.size(2)).to(fresh.dtype());
  }

  /**
   * Checks that there is room for {@code count} new positions.
   *
   * @throws IllegalArgumentException if there is not
   */
  void requireRoom(int count) {
    if (count > capacity() - length) {
      throw new IllegalArgumentException(
          "%d more tokens do not fit into a cache that holds %d of %d"
              .formatted(count, length, capacity()));
    }
  }

  /** Called once all blocks have stored {@code count} new positions. */
  void advance(int count) {
    length += count;
  }

  @Override
  public void close() {
    owner.close();
  }
}
