package io.karipap.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.codec.MatrixDecoder;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.network.Dense;
import io.karipap.network.Metric;
import io.karipap.network.Quantized;
import io.karipap.network.ScaledIntegers;
import io.karipap.network.Sparse;
import io.karipap.network.quantize.Pruning;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.network.quantize.WaterFilling;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredCodesTest {

  private static final String NAME = "model.layers.0.self_attn.q_proj";

  @TempDir private Path folder;
  private final TensorScope scope = new TensorScope();

  @AfterEach
  void close() {
    scope.close();
  }

  /** One tensor of a file, as bytes. */
  @SuppressWarnings("ArrayRecordComponent") // compared with nothing
  private record Raw(ElementType type, List<Long> shape, byte[] data) {

    @Override
    public String toString() {
      return type + " " + shape;
    }
  }

  private static Quantized matrix(String format, int group) {
    Tensor w = new RandomTensors(4).normal(DType.F32, 7, 11);
    return RoundToNearest.quantize(new Dense(w), QuantizationScheme.of(format, group));
  }

  private static SequencedMap<String, Raw> raw(io.karipap.network.Factorization f) {
    SequencedMap<String, Raw> raws = new LinkedHashMap<>();
    StoredFactorization.tensors(NAME, f)
        .forEach((name, tensor) -> {
          TensorInfo info = TensorFiles.info(name, tensor, ElementType.F32);
          byte[] data =
              tensor.contiguous().segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
          raws.put(name, new Raw(info.type(), info.shape(), data));
        });
    return raws;
  }

  private Path write(SequencedMap<String, Raw> raws) {
    Path file = folder.resolve("codes.safetensors");
    List<TensorInfo> infos = new ArrayList<>();
    raws.forEach((name, raw) -> infos.add(new TensorInfo(name, raw.type(), raw.shape())));
    try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
      raws.forEach((name, raw) -> writer.write(name, MemorySegment.ofArray(raw.data())));
    }
    return file;
  }

  /** Bytes by hand: 77 numbers in rows of 11, scales in two bytes for groups of 4, 4 and 3. */
  @ParameterizedTest
  @CsvSource({
    "int8, 77, 0",
    "uint4, 39, 11",
    "int4, 39, 0",
    "int3, 29, 0",
    "uint2, 20, 6",
    "int2, 16, 0",
    "ternary, 16, 0",
    "lloyd2, 20, 0",
    "apot5, 49, 0"
  })
  void bytesAreThoseOfThePackedNumbers(String format, long codes, long zeros) {
    Quantized q = matrix(format, 4);
    int scales = 7 * 3 * 2 * (format.equals("ternary") ? 2 : 1);
    assertThat(q.form().bytes()).isEqualTo(codes + zeros + scales);
    long written = raw(q).values().stream().mapToLong(raw -> raw.data().length).sum();
    assertThat(written).isEqualTo(codes + zeros + scales);
  }

  @Test
  void sparseBytesAreABitForEveryElementAndTheValues() {
    Tensor w = new RandomTensors(4).normal(DType.F32, 7, 11);
    Sparse half = Pruning.magnitude(w, 0.5);
    assertThat(half.form().bytes()).isEqualTo(10 + 4 * 39);
    assertThat(new Dense(w).form().bytes()).isEqualTo(4 * 77);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 32})
  void codedIntegersAreReadBackToTheBitHereAndInPureJava(int states) {
    Tensor w = new RandomTensors(5).normal(DType.F64, 40, 23);
    ScaledIntegers integers =
        WaterFilling.of(Metric.identity(23), 40).round(w, 0.05, Trellis.of(states)).integers();
    Quantized q = Quantized.of(new Dense(w), List.of(integers));
    MatrixEntry entry = StoredFactorization.entry(NAME, q, 0.5);
    assertThat(entry.form()).isEqualTo("dense:coded");
    assertThat(entry.parameters()).isEqualTo(40 * 23 + 40 + 23);
    assertThat(entry.spec().bytes()).isEqualTo(integers.stream().length + 16 + 40 + 23);
    try (var store = TensorStore.open(write(raw(q)))) {
      Quantized read = (Quantized) StoredFactorization.read(store, entry);
      var is = (ScaledIntegers) read.tensors().getFirst();
      assertThat(is.levels()).isEqualTo(integers.levels());
      assertThat(is.values().toFloats()).isEqualTo(integers.values().toFloats());
      assertThat(new MatrixDecoder(store).decode(NAME, entry.spec()))
          .isEqualTo(integers.values().toFloats());
    }
  }

  @ParameterizedTest
  @EnumSource(ScaleType.class)
  void codesAndScalesAreReadBackToTheBit(ScaleType type) {
    Tensor w = new RandomTensors(4).normal(DType.F32, 7, 11);
    for (String label :
        List.of("int8", "uint8", "uint3", "apot4", "ternary", "int2", "lloyd3", "uint5")) {
      QuantizationScheme scheme = new QuantizationScheme(ScalarFormat.of(label), 3, type, true);
      Quantized q = RoundToNearest.quantize(new Dense(w), scheme);
      MatrixEntry entry = StoredFactorization.entry(NAME, q, 0.5);
      assertThat(entry.form()).isEqualTo("dense:" + label);
      try (var store = TensorStore.open(write(raw(q)))) {
        Quantized read = (Quantized) StoredFactorization.read(store, entry);
        var was = q.scalarCodes().getFirst();
        var is = read.scalarCodes().getFirst();
        assertThat(is.scaleType()).isEqualTo(type);
        assertThat(is.codes().mismatch(was.codes())).isEqualTo(-1);
        assertThat(is.zeros().mismatch(was.zeros())).isEqualTo(-1);
        assertThat(is.scales().toFloats()).isEqualTo(was.scales().toFloats());
        assertThat(is.values().toFloats()).isEqualTo(was.values().toFloats());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4", "uint3", "ternary", "apot5", "sparse"})
  void everyTensorMattersInTypeShapeAndPresence(String format) {
    var f =
        format.equals("sparse")
            ? Pruning.magnitude(new RandomTensors(4).normal(DType.F32, 7, 11), 0.5)
            : matrix(format, 4);
    MatrixEntry entry = StoredFactorization.entry(NAME, f, 0);
    SequencedMap<String, Raw> whole = raw(f);
    for (String name : whole.keySet()) {
      SequencedMap<String, Raw> missing = new LinkedHashMap<>(whole);
      missing.remove(name);
      refused(missing, entry);
      int bytes = whole.firstEntry().getValue().data().length;
      assertThat(bytes).isPositive();
      changed(whole, entry, name, raw -> new Raw(ElementType.U8, flat(raw, 1), raw.data()), true);
      changed(
          whole,
          entry,
          name,
          raw -> {
            byte[] longer = Arrays.copyOf(raw.data(), raw.data().length + raw.type().bytes());
            return new Raw(raw.type(), List.of((long) longer.length / raw.type().bytes()), longer);
          },
          false);
      changed(
          whole,
          entry,
          name,
          raw ->
              new Raw(
                  raw.type(),
                  Stream.concat(Stream.of(1L), raw.shape().stream()).toList(),
                  raw.data()),
          false);
    }
  }

  private static List<Long> flat(Raw raw, int bytes) {
    return List.of((long) raw.data().length / bytes);
  }

  private void changed(
      SequencedMap<String, Raw> whole,
      MatrixEntry entry,
      String name,
      UnaryOperator<Raw> change,
      boolean unlessBytes) {
    Raw raw = whole.getOrDefault(name, new Raw(ElementType.U8, List.of(), new byte[0]));
    if (unlessBytes && raw.type() == ElementType.U8) {
      return;
    }
    SequencedMap<String, Raw> copy = new LinkedHashMap<>(whole);
    copy.put(name, change.apply(raw));
    refused(copy, entry);
  }

  /** Bits behind the last code, codes without a level, infinities and NaNs. */
  @Test
  void damagedNumbersAreRefused() {
    for (String format : List.of("int4", "uint3", "ternary", "apot5")) {
      Quantized q = matrix(format, 4);
      MatrixEntry entry = StoredFactorization.entry(NAME, q, 0);
      int levels = q.scalarCodes().getFirst().format().levels().size();
      for (String name : raw(q).keySet()) {
        SequencedMap<String, Raw> copy = raw(q);
        byte[] data =
            copy.getOrDefault(name, new Raw(ElementType.U8, List.of(), new byte[0])).data();
        if (name.endsWith(".codes") || name.endsWith(".zeros")) {
          data[data.length - 1] = (byte) 0xff; // no count of codes here fills its last byte
        } else {
          data[1] = 0x7c; // binary16: an infinity or a NaN
          data[0] = (byte) levels;
        }
        refused(copy, entry);
      }
    }
    SequencedMap<String, Raw> sparse =
        raw(Pruning.magnitude(new RandomTensors(4).normal(DType.F32, 7, 11), 0.5));
    MatrixEntry entry =
        StoredFactorization.entry(
            NAME, Pruning.magnitude(new RandomTensors(4).normal(DType.F32, 7, 11), 0.5), 0);
    sparse.firstEntry().getValue().data()[0] ^= 1;
    refused(sparse, entry);
  }

  private void refused(SequencedMap<String, Raw> raws, MatrixEntry entry) {
    try (var store = TensorStore.open(write(raws))) {
      assertThatThrownBy(() -> StoredFactorization.read(store, entry))
          .as("%s", raws)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(NAME)
          .hasMessageNotContaining("\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense:int1",
        "dense:int4:int4",
        "sparse:int4",
        "dense+",
        "pepo:x",
        "+",
        ":int4",
        "dense+dense+dense",
        "",
        "dense:"
      })
  void unknownFormsAreRefused(String form) {
    assertThatThrownBy(() -> new MatrixEntry(NAME, form, 7, 11, Map.of(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("known are");
  }
}
