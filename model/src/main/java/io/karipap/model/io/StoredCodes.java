package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.codec.PackedCodes;
import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.NumberFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** The coded cores of one matrix, as they are stored and as they are read. */
final class StoredCodes {

  private static final String ROWS = "group_rows";
  private static final String SIZES = "group_sizes";

  private final TensorStore store;
  private final MatrixEntry entry;
  private final NumberFormat format;
  private final List<QuantizedTensor> read = new ArrayList<>();

  StoredCodes(TensorStore store, MatrixEntry entry, NumberFormat format) {
    this.store = store;
    this.entry = entry;
    this.format = format;
  }

  /** The integers of the structure, and of every core the rows and sizes of its groups. */
  static Map<String, List<Integer>> integers(
      Map<String, List<Integer>> structure, Quantized quantized) {
    Map<String, List<Integer>> all = new TreeMap<>(structure);
    all.put(ROWS, quantized.tensors().stream().map(t -> t.groups().rows()).toList());
    all.put(SIZES, quantized.tensors().stream().map(t -> t.groups().size()).toList());
    return all;
  }

  /** The stored tensors of a coded core by name. */
  static SequencedMap<String, Tensor> tensors(String name, QuantizedTensor tensor) {
    int levels = tensor.format().levels().size();
    DType type = tensor.storedScales();
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(name + ".codes", packed(tensor.codes(), levels));
    if (tensor.format().hasZeros()) {
      tensors.put(name + ".zeros", packed(tensor.zeros(), levels));
    }
    tensors.put(name + ".scales", tensor.scales().detach().to(type).contiguous());
    tensor
        .shifts()
        .ifPresent(shifts -> tensors.put(name + ".shifts", shifts.detach().to(type).contiguous()));
    return tensors;
  }

  private static Tensor packed(MemorySegment codes, int levels) {
    byte[] bytes = PackedCodes.pack(codes, levels);
    return Tensor.copyIn(MemorySegment.ofArray(bytes), DType.I8, bytes.length);
  }

  /**
   * Reads the next core; gives its numbers.
   *
   * @throws CheckpointException if the tensors do not fit the manifest or one another
   * @throws IllegalArgumentException if the manifest's integers do not fit the core
   */
  Tensor read(String name, long... shape) {
    int number = read.size();
    long elements = LongStream.of(shape).reduce(1, Math::multiplyExact);
    int rows = integer(ROWS, number);
    int size = integer(SIZES, number);
    if (rows < 1 || elements % rows != 0) {
      throw new IllegalArgumentException(
          "%d elements of %s are not %d rows".formatted(elements, name, rows));
    }
    GroupLayout groups =
        new GroupLayout(
            LongStream.of(shape).boxed().toList(), rows, Math.toIntExact(elements / rows), size);
    String scales = name + ".scales";
    ScaleType type = scaleType(scales);
    if (format.hasShifts() && scaleType(name + ".shifts") != type) {
      throw new CheckpointException("scales and shifts of " + name + " have different types");
    }
    QuantizedTensor tensor =
        new QuantizedTensor(
            format,
            groups,
            type,
            codes(name + ".codes", groups.elements()),
            codes(name + ".zeros", format.hasZeros() ? groups.count() : 0),
            TensorFiles.read(store, scales, rows, groups.perRow()),
            format.hasShifts()
                ? Optional.of(TensorFiles.read(store, name + ".shifts", rows, groups.perRow()))
                : Optional.empty());
    read.add(tensor);
    return tensor.values();
  }

  private int integer(String key, int number) {
    List<Integer> values = entry.shape().getOrDefault(key, List.of());
    if (number >= values.size()) {
      throw new IllegalArgumentException(
          "'" + key + "' needs an integer for every core, but has " + values);
    }
    return values.get(number);
  }

  private MemorySegment codes(String name, int count) {
    if (count == 0) {
      return MemorySegment.ofArray(new byte[0]);
    }
    int levels = format.levels().size();
    MemorySegment bytes = TensorFiles.bytes(store, name, PackedCodes.bytes(count, levels));
    try {
      return MemorySegment.ofArray(PackedCodes.unpack(bytes, levels, count));
    } catch (CheckpointException e) {
      throw new CheckpointException("tensor " + name + ": " + e.getMessage(), e);
    }
  }

  private ScaleType scaleType(String name) {
    ElementType type = store.info(name).type();
    return switch (type) {
      case F16 -> ScaleType.F16;
      case BF16 -> ScaleType.BF16;
      case F64, F32, I64, I32, I16, I8, U8, BOOL ->
          throw new CheckpointException(
              "tensor %s has type %s where F16 or BF16 must be".formatted(name, type));
    };
  }

  /**
   * All cores that were read.
   *
   * @throws IllegalArgumentException if the manifest has integers for more of them
   */
  List<QuantizedTensor> all() {
    StoredFactorization.integers(entry, ROWS, read.size());
    StoredFactorization.integers(entry, SIZES, read.size());
    return List.copyOf(read);
  }
}
