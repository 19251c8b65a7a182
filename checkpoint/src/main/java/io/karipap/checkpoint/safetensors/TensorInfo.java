package io.karipap.checkpoint.safetensors;

import java.util.List;

/**
 * Name, element type and shape of one tensor.
 *
 * @param name not empty, at most {@value #LONGEST_NAME} characters, free of control characters
 * @param type type of every element
 * @param shape extents, the slowest index first; none negative; empty for a scalar
 */
public record TensorInfo(String name, ElementType type, List<Long> shape) {
  /** Longest name of a tensor, in UTF-16 units. */
  static final int LONGEST_NAME = 512;

  /** Highest rank of a tensor. */
  static final int HIGHEST_RANK = 64;

  /**
   * Copies the shape.
   *
   * @throws IllegalArgumentException for a bad name or extent, or a size that does not fit a long
   */
  public TensorInfo {
    shape = List.copyOf(shape);
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "a tensor's name has %d characters; allowed are 1 to %d"
              .formatted(name.length(), LONGEST_NAME));
    }
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("'%s' cannot name a tensor".formatted(name));
    }
    if (name.codePoints().anyMatch(TensorInfo::unprintable)) {
      throw new IllegalArgumentException("a tensor's name holds a control character");
    }
    if (shape.size() > HIGHEST_RANK) {
      throw new IllegalArgumentException(
          "tensor '%s' has rank %d; the highest is %d".formatted(name, shape.size(), HIGHEST_RANK));
    }
    checkSize(name, type, shape);
  }

  private static boolean unprintable(int codePoint) {
    return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
  }

  private static void checkSize(String name, ElementType type, List<Long> shape) {
    long bytes = type.bytes();
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "tensor '%s' has the negative extent %d in its shape".formatted(name, extent));
      }
      if (Math.multiplyHigh(bytes, extent) != 0 || bytes * extent < 0) {
        throw new IllegalArgumentException(
            "tensor '%s' of shape %s and type %s is larger than 2^63 bytes"
                .formatted(name, shape, type));
      }
      bytes *= extent;
    }
  }

  /** Number of elements: the product of the extents, 1 for a scalar. */
  public long elements() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
  }

  /** Size in bytes. */
  public long bytes() {
    return elements() * type.bytes();
  }
}
