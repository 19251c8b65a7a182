package io.karipap.network;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor of integers between the scales of its rows and of its columns: V = diag(a) K diag(b).
 * Rows are those of its first dimension. The scales are variables; the integers are constants,
 * which live on the heap and with no tensor scope.
 *
 * @param shape of the tensor
 * @param stream the integers as they are stored ({@link io.karipap.checkpoint.codec.CodedIntegers})
 * @param levels the integers K, row-major, signed
 * @param rows a [m, 1], float32
 * @param columns b [1, n], float32
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record ScaledIntegers(
    List<Long> shape, byte[] stream, byte[] levels, Tensor rows, Tensor columns)
    implements CodedTensor {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if they do not fit one another
   */
  public ScaledIntegers {
    shape = List.copyOf(shape);
    long elements = shape.stream().reduce(1L, Math::multiplyExact);
    long m = shape.getFirst();
    if (levels.length != elements
        || !Arrays.equals(rows.shape(), new long[] {m, 1})
        || !Arrays.equals(columns.shape(), new long[] {1, elements / m})) {
      throw new IllegalArgumentException(
          "%d integers with scales %s and %s are no tensor of shape %s"
              .formatted(
                  levels.length,
                  Arrays.toString(rows.shape()),
                  Arrays.toString(columns.shape()),
                  shape));
    }
  }

  /** False for steps of a path through a trellis. */
  @Override
  public boolean isIndependent() {
    return CodedIntegers.states(stream) == 1;
  }

  @Override
  public double bitsPerNumber() {
    return 8.0 * stream.length / levels.length;
  }

  @Override
  public List<Tensor> variables() {
    return List.of(rows, columns);
  }

  @Override
  public ScaledIntegers withVariables(List<Tensor> variables) {
    return new ScaledIntegers(shape, stream, levels, variables.getFirst(), variables.getLast());
  }

  @Override
  public Tensor values() {
    Tensor k =
        Tensor.copyIn(MemorySegment.ofArray(levels), DType.I8, rows.elements(), columns.elements())
            .to(rows.dtype());
    return k.mul(rows).mul(columns).reshape(shape.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public long parameters() {
    return levels.length + rows.elements() + columns.elements();
  }
}
