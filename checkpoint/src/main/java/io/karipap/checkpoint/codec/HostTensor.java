package io.karipap.checkpoint.codec;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A tensor in a Java array.
 *
 * @param values row-major
 * @param shape extents, the slowest index first
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
record HostTensor(float[] values, long[] shape) {

  static HostTensor of(float[] values, long... shape) {
    return new HostTensor(values, shape);
  }

  /** The same elements with other extents. */
  HostTensor reshape(long... to) {
    return new HostTensor(values, to);
  }

  /** The axes in another order: axis k of the result is axis {@code order[k]} of this. */
  HostTensor permute(int... order) {
    int rank = shape.length;
    long[] strides = new long[rank];
    long stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    long[] to = Arrays.stream(order).mapToLong(axis -> shape[axis]).toArray();
    float[] moved = new float[values.length];
    long[] index = new long[rank];
    long from = 0;
    for (int at = 0; at < moved.length; at++) {
      moved[at] = values[(int) from];
      for (int axis = rank - 1; axis >= 0; axis--) { // the next index, as an odometer counts
        from += strides[order[axis]];
        if (++index[axis] < to[axis]) {
          break;
        }
        from -= to[axis] * strides[order[axis]];
        index[axis] = 0;
      }
    }
    return new HostTensor(moved, to);
  }

  /** Two axes exchanged. */
  HostTensor transpose(int a, int b) {
    int[] order = IntStream.range(0, shape.length).toArray();
    order[a] = b;
    order[b] = a;
    return permute(order);
  }

  /** Product of matrices [m, k] and [k, n]. */
  HostTensor matmul(HostTensor other) {
    int m = Math.toIntExact(shape[0]);
    int k = Math.toIntExact(shape[1]);
    int n = Math.toIntExact(other.shape[1]);
    float[] product = new float[Math.multiplyExact(m, n)];
    for (int row = 0; row < m; row++) {
      for (int inner = 0; inner < k; inner++) {
        float left = values[row * k + inner];
        for (int column = 0; column < n; column++) {
          product[row * n + column] += left * other.values[inner * n + column];
        }
      }
    }
    return new HostTensor(product, new long[] {m, n});
  }
}
