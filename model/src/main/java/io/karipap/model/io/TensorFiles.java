package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.codec.StoredNumbers;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/** Tensors to and from safetensors files. */
public final class TensorFiles {

  private TensorFiles() {}

  /**
   * A stored tensor, widened to float32.
   *
   * @throws CheckpointException if it is missing, has another shape, or holds an infinity or a NaN
   */
  public static Tensor read(TensorStore store, String name, long... shape) {
    TensorInfo info = StoredNumbers.info(store, name, shape);
    Tensor values = Tensor.copyIn(store.data(name), dtype(info), shape).to(DType.F32);
    if (!values.isFinite()) {
      throw StoredNumbers.damaged(name);
    }
    return values;
  }

  /**
   * A tensor of float64 numbers in its stored shape.
   *
   * @throws CheckpointException if it is missing or of another type
   */
  public static Tensor readDoubles(TensorStore store, String name) {
    TensorInfo info = store.info(name);
    if (info.type() != ElementType.F64) {
      throw new CheckpointException(
          "tensor %s has type %s where F64 must be".formatted(name, info.type()));
    }
    long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
    return Tensor.copyIn(store.data(name), DType.F64, shape);
  }

  private static DType dtype(TensorInfo info) {
    return dtype(info.type())
        .orElseThrow(() ->
            new CheckpointException(
                "tensor "
                    + info.name()
                    + " has type "
                    + info.type()
                    + ", which no weight has: expected F32, F16, BF16, F64 or I8"));
  }

  private static Optional<DType> dtype(ElementType type) {
    return switch (type) {
      case F64 -> Optional.of(DType.F64);
      case F32 -> Optional.of(DType.F32);
      case F16 -> Optional.of(DType.F16);
      case BF16 -> Optional.of(DType.BF16);
      case I8 -> Optional.of(DType.I8);
      case I64, I32, I16, U8, BOOL -> Optional.empty();
    };
  }

  /**
   * Describes a tensor to be stored in a type. Bytes (I8) are stored as U8, and what has been
   * rounded to two bytes already stays so.
   */
  public static TensorInfo info(String name, Tensor tensor, ElementType type) {
    return new TensorInfo(
        name, stored(tensor, type), LongStream.of(tensor.shape()).boxed().toList());
  }

  private static ElementType stored(Tensor tensor, ElementType type) {
    return switch (tensor.dtype()) {
      case I8 -> ElementType.U8;
      case F16 -> ElementType.F16;
      case BF16 -> ElementType.BF16;
      case F64, F32, I64, I32, BOOL -> type;
    };
  }

  /** The bytes of a safetensors file that holds tensors in the order of the map. */
  public static byte[] encode(SequencedMap<String, Tensor> tensors, ElementType type) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        SafetensorsWriter.head(
            tensors.entrySet().stream().map(t -> info(t.getKey(), t.getValue(), type)).toList(),
            Map.of()));
    tensors
        .values()
        .forEach(tensor -> {
          try (var _ = new TensorScope()) {
            file.writeBytes(data(tensor, type).toArray(ValueLayout.JAVA_BYTE));
          }
        });
    return file.toByteArray();
  }

  private static MemorySegment data(Tensor tensor, ElementType type) {
    DType target = dtype(stored(tensor, type)).orElse(DType.I8);
    return tensor.detach().to(target).contiguous().segment();
  }

  /** Streams tensors, in the order of the map, to a writer opened for them. */
  public static void write(
      SafetensorsWriter writer, SequencedMap<String, Tensor> tensors, ElementType type) {
    tensors.forEach((name, tensor) -> {
      try (var _ = new TensorScope()) {
        writer.write(name, data(tensor, type));
      }
    });
  }
}
