package io.karipap.tensor;

import java.util.Arrays;

/** Helpers on sizes of tensors. */
final class Shape {

  private Shape() {}

  static long elements(long... shape) {
    long product = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(shape));
      }
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
