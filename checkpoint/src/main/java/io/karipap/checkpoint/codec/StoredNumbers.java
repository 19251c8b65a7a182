package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.Elements;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Stored tensors as Java arrays, checked. */
public final class StoredNumbers {

  private StoredNumbers() {}

  /**
   * A stored tensor, widened to float32.
   *
   * @return row-major
   * @throws CheckpointException if it is missing, has another shape, has a type that numbers do not
   *     have, or holds an infinity or a NaN
   */
  public static float[] read(TensorStore store, String name, long... shape) {
    TensorInfo info = info(store, name, shape);
    float[] values = Elements.toFloat(info.type(), store.data(name));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw damaged(name);
      }
    }
    return values;
  }

  /**
   * Type and shape of a stored tensor.
   *
   * @throws CheckpointException if it is missing or has another shape
   */
  public static TensorInfo info(TensorStore store, String name, long... shape) {
    TensorInfo info = store.info(name);
    if (!info.shape().equals(LongStream.of(shape).boxed().toList())) {
      throw new CheckpointException(
          "tensor %s has shape %s where the configuration asks for %s: config.json and the tensors are not of the same model"
              .formatted(name, info.shape(), Arrays.toString(shape)));
    }
    return info;
  }

  /** What is thrown for a tensor that holds infinities or NaNs. */
  public static CheckpointException damaged(String name) {
    return new CheckpointException(
        "tensor " + name + " holds values that are not finite numbers: the file is damaged");
  }

  /**
   * Stored bytes, copied to the heap.
   *
   * @throws CheckpointException if the tensor is missing, not of type U8, or of another size
   */
  public static MemorySegment bytes(TensorStore store, String name, long count) {
    TensorInfo info = store.info(name);
    if (info.type() != ElementType.U8 || !info.shape().equals(List.of(count))) {
      throw new CheckpointException(
          "tensor %s is %s of shape %s where %d bytes (U8) must be: the manifest is of another file"
              .formatted(name, info.type(), info.shape(), count));
    }
    return MemorySegment.ofArray(store.data(name).toArray(ValueLayout.JAVA_BYTE));
  }
}
