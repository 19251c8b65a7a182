package io.karipap.network;

import io.karipap.checkpoint.form.SparseForm;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A matrix of which only some elements are not zero, stored as a bitmap and these elements.
 *
 * @param rows output dimension
 * @param columns input dimension
 * @param mask one bit an element, row-major, the first in the lowest bit of the first byte; unused
 *     bits of the last byte are zero
 * @param values the elements whose bit is set, in their order [count]
 */
public record Sparse(int rows, int columns, MemorySegment mask, Tensor values)
    implements Factorization {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the bitmap does not have a bit for every element and one
   *     set for every value
   */
  public Sparse {
    mask = mask.asReadOnly();
    long elements = (long) rows * columns;
    long bytes = Math.ceilDiv(elements, 8L);
    if (rows < 1 || columns < 1 || elements > Integer.MAX_VALUE || mask.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "the bitmap of a %d x %d matrix has %d bytes, not %d"
              .formatted(rows, columns, bytes, mask.byteSize()));
    }
    long set = 0;
    for (long i = 0; i < bytes; i++) {
      set += Integer.bitCount(Byte.toUnsignedInt(mask.get(ValueLayout.JAVA_BYTE, i)));
    }
    boolean padded = elements % 8 != 0;
    if (padded
        && Byte.toUnsignedInt(mask.get(ValueLayout.JAVA_BYTE, bytes - 1)) >> (elements % 8) != 0) {
      throw new IllegalArgumentException("a bitmap has bits behind its last element");
    }
    if (!Arrays.equals(values.shape(), new long[] {set})) {
      throw new IllegalArgumentException(
          "a bitmap has %d elements, the values have shape %s"
              .formatted(set, Arrays.toString(values.shape())));
    }
  }

  /** The elements of a matrix that a predicate keeps, by row and column. */
  public static Sparse of(Tensor w, Kept kept) {
    int rows = w.size(0);
    int columns = w.size(1);
    byte[] mask = new byte[Math.ceilDiv(Math.multiplyExact(rows, columns), 8)];
    long[] positions = new long[rows * columns];
    int count = 0;
    for (int at = 0; at < rows * columns; at++) {
      if (kept.test(at / columns, at % columns)) {
        mask[at / 8] |= (byte) (1 << (at % 8));
        positions[count++] = at;
      }
    }
    Tensor indices = Tensor.of(Arrays.copyOf(positions, count), count);
    return new Sparse(
        rows,
        columns,
        MemorySegment.ofArray(mask),
        w.reshape((long) rows * columns).indexSelect(0, indices));
  }

  /** Which elements stay. */
  @FunctionalInterface
  public interface Kept {
    /** True if the element of that row and column stays. */
    boolean test(int row, int column);
  }

  @Override
  public SparseForm form() {
    return new SparseForm(rows, columns, values.size(0));
  }

  @Override
  public List<Tensor> cores() {
    return List.of(values);
  }

  @Override
  public Sparse withCores(List<Tensor> cores) {
    return new Sparse(rows, columns, mask, cores.getFirst());
  }

  @Override
  public Tensor matrix() {
    // every element picks its value, or the zero in front of them
    long[] picks = new long[rows * columns];
    int count = 0;
    for (int at = 0; at < picks.length; at++) {
      boolean set = (mask.get(ValueLayout.JAVA_BYTE, at / 8) >> (at % 8) & 1) == 1;
      picks[at] = set ? ++count : 0;
    }
    Tensor zero = Tensor.zeros(values.dtype(), 1);
    return Tensor.concatenate(List.of(zero, values), 0)
        .indexSelect(0, Tensor.of(picks, picks.length))
        .reshape(rows, columns);
  }

  @Override
  public Tensor apply(Tensor x) {
    return Functions.linear(x, matrix().to(x.dtype()), Optional.empty());
  }

  /** As a dense matrix: zeros are multiplied too. */
  @Override
  public long multiplications() {
    return elements();
  }
}
