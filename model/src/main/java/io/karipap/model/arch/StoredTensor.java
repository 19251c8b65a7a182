package io.karipap.model.arch;

import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where a matrix or vector lies in a checkpoint: a tensor, or some of its rows.
 *
 * @param names of the tensor; it is stored under one of them
 * @param transposed whether a matrix is stored as [inputs, outputs]
 * @param rows those of the tensor, after transposing, that are meant; all if empty
 */
public record StoredTensor(List<String> names, boolean transposed, Optional<Rows> rows) {

  /**
   * Some rows of a fused tensor.
   *
   * @param start the first
   * @param all rows of the tensor
   */
  public record Rows(int start, int all) {}

  /** Copies the list. */
  public StoredTensor {
    names = List.copyOf(names);
  }

  /** A whole tensor, as it is. */
  public static StoredTensor of(String... names) {
    return new StoredTensor(List.of(names), false, Optional.empty());
  }

  /** The same tensor, stored as [inputs, outputs]. */
  public StoredTensor transpose() {
    return new StoredTensor(names, !transposed, rows);
  }

  /** Rows of the same tensor from {@code start} on, of {@code all} that it has. */
  public StoredTensor rows(int start, int all) {
    return new StoredTensor(names, transposed, Optional.of(new Rows(start, all)));
  }

  /** All rows of the same tensor. */
  public StoredTensor whole() {
    return new StoredTensor(names, transposed, Optional.empty());
  }

  /** The name under which it is stored; the first one if under none. */
  public String name(Predicate<String> isStored) {
    return names.stream().filter(isStored).findFirst().orElse(names.getFirst());
  }

  /** Shape of the tensor that holds numbers of a shape. */
  public long[] shape(long... part) {
    long[] shape = part.clone();
    rows.ifPresent(r -> shape[0] = r.all());
    return transposed ? new long[] {shape[1], shape[0]} : shape;
  }

  /**
   * The numbers that are meant, of {@code count} rows, from the tensor's. Must be called inside a
   * tensor scope.
   */
  public Tensor part(Tensor stored, int count) {
    Tensor upright = transposed ? stored.transpose() : stored;
    Tensor part = rows.isPresent() ? upright.narrow(0, rows.get().start(), count) : upright;
    return part == stored ? stored : part.contiguous().copy();
  }

  /**
   * The tensor from all its parts, in the order of their rows. Must be called inside a tensor
   * scope.
   */
  public Tensor joined(List<Tensor> parts) {
    Tensor whole = parts.size() == 1 ? parts.getFirst() : Tensor.concatenate(parts, 0);
    return transposed ? whole.transpose().contiguous() : whole;
  }
}
