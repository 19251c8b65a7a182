package io.karipap.checkpoint.form;

import java.util.Arrays;
import java.util.List;

/**
 * How the elements of a tensor are divided into groups: rows of {@code columns} elements, each row
 * into groups of {@code size} neighbours, the last one of a row shorter where that does not come
 * out even.
 *
 * @param shape of the tensor
 * @param rows first dimension, or 1
 * @param columns elements in a row
 * @param size elements in a group
 */
public record GroupLayout(List<Long> shape, int rows, int columns, int size) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive, a group is longer than a row, or the
   *     rows are not all of the tensor
   */
  public GroupLayout {
    shape = List.copyOf(shape);
    long elements = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    if (rows < 1 || columns < 1 || size < 1 || size > columns) {
      throw new IllegalArgumentException(
          "%d rows of %d elements cannot be in groups of %d".formatted(rows, columns, size));
    }
    if ((long) rows * columns != elements || elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d rows of %d elements are not a tensor of shape %s".formatted(rows, columns, shape));
    }
  }

  /**
   * Groups along a matrix's input dimension. The same for a core, whose rows are those of its first
   * dimension; but where these are shorter than a group, it is one long row.
   *
   * @param size 0 means a whole row
   */
  public static GroupLayout of(int size, long... shape) {
    List<Long> list = Arrays.stream(shape).boxed().toList();
    long elements = list.stream().reduce(1L, Math::multiplyExact);
    long row = shape.length == 0 ? elements : elements / shape[0];
    if (size == 0 || row >= size) {
      return new GroupLayout(
          list,
          Math.toIntExact(elements / row),
          Math.toIntExact(row),
          Math.toIntExact(size == 0 ? row : size));
    }
    int all = Math.toIntExact(elements);
    return new GroupLayout(list, 1, all, Math.min(size, all));
  }

  /** The same for rows of the first dimension in any case; groups are at most a row long. */
  public GroupLayout byRows() {
    int first = Math.toIntExact(shape.getFirst());
    int row = elements() / first;
    return new GroupLayout(shape, first, row, Math.min(size, row));
  }

  /** Groups of one row. */
  public int perRow() {
    return Math.ceilDiv(columns, size);
  }

  /** Groups of all rows. */
  public int count() {
    return Math.multiplyExact(rows, perRow());
  }

  /** Number of elements. */
  public int elements() {
    return rows * columns;
  }

  /** Column behind the last of a row's group. */
  public int end(int group) {
    return Math.min(columns, (group + 1) * size);
  }

  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
