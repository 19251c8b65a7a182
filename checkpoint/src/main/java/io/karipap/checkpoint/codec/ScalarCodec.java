package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.form.StoredTensor;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.Elements;
import io.karipap.checkpoint.safetensors.TensorStore;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Codes one by one, packed, with scales and, where the format has them, zero points or shifts for
 * every group.
 *
 * @param format what codes stand for
 */
public record ScalarCodec(ScalarFormat format) implements NumberCodec {

  /** A stored tensor and its bytes. */
  public record Part(StoredTensor tensor, MemorySegment bytes) {}

  /** The element type that scales and shifts are stored in. */
  public static ElementType stored(ScaleType type) {
    return switch (type) {
      case F16 -> ElementType.F16;
      case BF16 -> ElementType.BF16;
    };
  }

  /**
   * The stored parts of a tensor, in the order of {@link ScalarFormat#tensors}.
   *
   * @param scales [rows, groups of a row]
   * @param shifts of the same shape, if the format has them
   */
  public List<Part> encode(
      String name, ScalarCodes codes, float[] scales, Optional<float[]> shifts, ScaleType type) {
    int levels = format.levels().size();
    Iterator<StoredTensor> tensors = format.tensors(name, codes.groups()).iterator();
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(tensors.next(), packed(codes.codes(), levels)));
    if (format.hasZeros()) {
      parts.add(new Part(tensors.next(), packed(codes.zeros(), levels)));
    }
    parts.add(new Part(tensors.next(), halves(scales, type)));
    shifts.ifPresent(values -> parts.add(new Part(tensors.next(), halves(values, type))));
    return parts;
  }

  private static MemorySegment packed(MemorySegment codes, int levels) {
    return MemorySegment.ofArray(PackedCodes.pack(codes, levels));
  }

  private static MemorySegment halves(float[] values, ScaleType type) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[2 * values.length]);
    Elements.fromFloat(values, stored(type), bytes);
    return bytes;
  }

  /**
   * The codes and zero points of a stored tensor.
   *
   * @throws CheckpointException if they are missing, of another size, or damaged
   */
  public ScalarCodes codes(TensorStore store, String name, GroupLayout groups) {
    return new ScalarCodes(
        format,
        groups,
        unpacked(store, name + ".codes", groups.elements()),
        format.hasZeros()
            ? unpacked(store, name + ".zeros", groups.count())
            : MemorySegment.ofArray(new byte[0]));
  }

  private MemorySegment unpacked(TensorStore store, String name, int count) {
    int levels = format.levels().size();
    MemorySegment bytes = StoredNumbers.bytes(store, name, format.width().bytes(count));
    try {
      return MemorySegment.ofArray(PackedCodes.unpack(bytes, levels, count));
    } catch (CheckpointException e) {
      throw new CheckpointException("tensor " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The type that a stored tensor's scales and shifts have.
   *
   * @throws CheckpointException if they are missing, or have different types or one that scales
   *     cannot have
   */
  public ScaleType scaleType(TensorStore store, String name) {
    ScaleType type = typeOf(store, name + ".scales");
    if (format.hasShifts() && typeOf(store, name + ".shifts") != type) {
      throw new CheckpointException("scales and shifts of " + name + " have different types");
    }
    return type;
  }

  private static ScaleType typeOf(TensorStore store, String name) {
    ElementType type = store.info(name).type();
    return switch (type) {
      case F16 -> ScaleType.F16;
      case BF16 -> ScaleType.BF16;
      case F64, F32, I64, I32, I16, I8, U8, BOOL ->
          throw new CheckpointException(
              "tensor %s has type %s where F16 or BF16 must be".formatted(name, type));
    };
  }

  @Override
  public float[] decode(TensorStore store, String name, GroupLayout groups) {
    var _ = scaleType(store, name);
    long[] shape = {groups.rows(), groups.perRow()};
    float[] scales = StoredNumbers.read(store, name + ".scales", shape);
    Optional<float[]> shifts =
        format.hasShifts()
            ? Optional.of(StoredNumbers.read(store, name + ".shifts", shape))
            : Optional.empty();
    return codes(store, name, groups).numbers(scales, shifts);
  }
}
