package io.karipap.checkpoint.form;

import java.util.Arrays;
import java.util.List;

/**
 * A tensor of an artifact that a matrix is made of.
 *
 * @param name as it is stored
 * @param shape extents, the slowest index first
 * @param content what its elements are, from which follow the types it may have
 * @param numbers of the matrix's stored numbers that it holds: packed codes are more than their
 *     bytes, a bitmap holds none
 */
public record StoredTensor(String name, List<Long> shape, Content content, long numbers) {

  /** What the elements of a stored tensor are. */
  public enum Content {
    /** Numbers in F32, F16, BF16, F64 or I8; the file says which. */
    NUMBERS,
    /** Scales or shifts of groups in F16 or BF16 ({@link ScaleType}); the file says which. */
    SCALES,
    /** Packed codes or bits, in U8. */
    BYTES
  }

  /** Copies the shape. */
  public StoredTensor {
    shape = List.copyOf(shape);
  }

  static StoredTensor numbers(String name, long... shape) {
    return new StoredTensor(name, list(shape), Content.NUMBERS, product(shape));
  }

  static StoredTensor scales(String name, long... shape) {
    return new StoredTensor(name, list(shape), Content.SCALES, product(shape));
  }

  /** Packed codes. */
  static StoredTensor bytes(String name, CodeWidth width, long count) {
    return new StoredTensor(name, List.of(width.bytes(count)), Content.BYTES, count);
  }

  /** Numbers in any number of bytes. */
  static StoredTensor coded(String name, long bytes, long numbers) {
    return new StoredTensor(name, List.of(bytes), Content.BYTES, numbers);
  }

  /** One bit for each of some elements. */
  static StoredTensor bitmap(String name, long elements) {
    return new StoredTensor(name, List.of(Math.ceilDiv(elements, 8L)), Content.BYTES, 0);
  }

  private static List<Long> list(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  private static long product(long... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** The shape as an array. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Number of stored elements. */
  public long elements() {
    return product(dimensions());
  }

  /** Size in bytes where numbers are stored in float32. */
  public long bytes() {
    return switch (content) {
      case NUMBERS -> 4 * elements();
      case SCALES -> 2 * elements();
      case BYTES -> elements();
    };
  }
}
