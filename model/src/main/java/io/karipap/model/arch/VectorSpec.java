package io.karipap.model.arch;

import java.util.List;

/**
 * Numbers of an architecture that stay as they are when its matrices are compressed.
 *
 * @param name full name, under which weights, artifacts and reports know it
 * @param kind what it is
 * @param shape lengths of its dimensions
 * @param stored where a checkpoint has it
 */
public record VectorSpec(String name, Kind kind, List<Integer> shape, StoredTensor stored) {

  /** Kinds of vectors. */
  public enum Kind {
    /** Multiplies: the gain of a norm. */
    GAIN,
    /** Is added, in a linear layer or behind a norm's gain. */
    BIAS,
    /** A matrix too small or too delicate to compress, such as a table of positions. */
    TABLE
  }

  /** Copies the list. */
  public VectorSpec {
    shape = List.copyOf(shape);
  }

  /** The gain of a norm, stored under its name. */
  public static VectorSpec gain(String name, int size) {
    return new VectorSpec(name, Kind.GAIN, List.of(size), StoredTensor.of(name));
  }

  /** A bias, stored under its name. */
  public static VectorSpec bias(String name, int size) {
    return new VectorSpec(name, Kind.BIAS, List.of(size), StoredTensor.of(name));
  }

  /** The bias of a linear layer. */
  public static VectorSpec biasOf(MatrixSpec matrix) {
    return bias(matrix.bias(), matrix.rows());
  }

  /** A table [rows, columns], stored under its name. */
  public static VectorSpec table(String name, int rows, int columns) {
    return new VectorSpec(name, Kind.TABLE, List.of(rows, columns), StoredTensor.of(name));
  }

  /** The same, stored elsewhere. */
  public VectorSpec storedAs(StoredTensor tensor) {
    return new VectorSpec(name, kind, shape, tensor);
  }

  /** True for the gains of norms. */
  public boolean isGain() {
    return kind == Kind.GAIN;
  }

  /** Number of elements. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** Its shape, as tensors have it. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }
}
