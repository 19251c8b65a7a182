package io.karipap.checkpoint.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsRoundTripTest {
  private static final List<ElementType> TYPES = List.of(ElementType.values());

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void keepsBytesOfEveryElementType(ElementType type) {
    byte[] data = new byte[6 * type.bytes()];
    new Random(3).nextBytes(data);
    Path file = folder.resolve("one.safetensors");
    TensorInfo info = new TensorInfo("a.weight", type, List.of(2L, 3L));
    write(file, List.of(info), List.of(data), Map.of());
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.info("a.weight")).isEqualTo(info);
      assertThat(store.data("a.weight").toArray(ValueLayout.JAVA_BYTE)).isEqualTo(data);
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 50);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void keepsRandomFiles(int seed) {
    Random random = new Random(seed);
    List<TensorInfo> infos = new ArrayList<>();
    List<byte[]> data = new ArrayList<>();
    for (int i = random.nextInt(20); i >= 0; i--) {
      ElementType type = TYPES.get(random.nextInt(TYPES.size()));
      List<Long> shape = random.longs(random.nextInt(5), 0, 6).boxed().toList();
      infos.add(new TensorInfo(randomName(random) + i, type, shape));
      data.add(new byte[Math.toIntExact(infos.getLast().bytes())]);
      random.nextBytes(data.getLast());
    }
    Map<String, String> metadata = Map.of("format", "pt", randomName(random), randomName(random));
    Path file = folder.resolve("random.safetensors");
    write(file, infos, data, metadata);
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.names())
          .containsExactlyElementsOf(infos.stream().map(TensorInfo::name).toList());
      assertThat(store.metadata()).isEqualTo(metadata);
      for (int i = 0; i < infos.size(); i++) {
        String name = infos.get(i).name();
        assertThat(store.info(name)).isEqualTo(infos.get(i));
        assertThat(store.data(name).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(data.get(i));
      }
    }
  }

  private static String randomName(Random random) {
    String alphabet = "abc.\"\\/ é漢\uD83D\uDE00_0";
    int[] points = alphabet.codePoints().toArray();
    StringBuilder name = new StringBuilder("n");
    random.ints(random.nextInt(30), 0, points.length).forEach(i -> name.appendCodePoint(points[i]));
    return name.toString();
  }

  @Test
  void writesTheBytesThatTheFormatPrescribes() throws IOException {
    Path file = folder.resolve("exact.safetensors");
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("b", "2");
    metadata.put("a", "1");
    write(
        file,
        List.of(new TensorInfo("x", ElementType.U8, List.of(3L))),
        List.of(new byte[] {7, 8, 9}),
        metadata);
    String header =
        "{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\"},"
            + "\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    byte[] expected =
        ByteBuffer.allocate(8 + padded.length() + 3)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded.length())
            .put(padded.getBytes(UTF_8))
            .put(new byte[] {7, 8, 9})
            .array();
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  @Test
  void acceptsScalarsEmptyTensorsAndNoTensors() {
    Path file = folder.resolve("small.safetensors");
    List<TensorInfo> infos =
        List.of(
            new TensorInfo("empty", ElementType.F32, List.of(0L, 4L)),
            new TensorInfo("scalar", ElementType.F64, List.of()));
    write(file, infos, List.of(new byte[0], new byte[8]), Map.of());
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.data("empty").byteSize()).isZero();
      assertThat(store.info("scalar").elements()).isOne();
    }
    write(file, List.of(), List.of(), Map.of());
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.names()).isEmpty();
    }
  }

  @Test
  void readsTensorsBeyondTwoGigabytes() throws IOException {
    long large = (1L << 31) + 12_345;
    long headerBytes = 200;
    String header =
        ("{'large':{'dtype':'I8','shape':[%d],'data_offsets':[0,%d]},"
                + "'last':{'dtype':'F32','shape':[2],'data_offsets':[%d,%d]}}")
            .formatted(large, large, large, large + 8)
            .replace('\'', '"');
    Path file = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + (int) headerBytes).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(headerBytes).put(header.getBytes(UTF_8));
      while (start.hasRemaining()) {
        start.put((byte) ' ');
      }
      channel.write(start.flip());
      channel.write(ByteBuffer.wrap(new byte[] {42}), 8 + headerBytes + large - 1);
      channel.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).putFloat(-2).flip(),
          8 + headerBytes + large);
    }
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.data("large").byteSize()).isEqualTo(large);
      assertThat(store.data("large").get(ValueLayout.JAVA_BYTE, large - 1)).isEqualTo((byte) 42);
      assertThat(Elements.toFloat(ElementType.F32, store.data("last"))).containsExactly(1.5f, -2f);
      assertThat(store.sizeOnDisk()).isEqualTo(8 + headerBytes + large + 8);
      assertThatThrownBy(() -> Elements.toFloat(ElementType.I8, store.data("large")))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("slices");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void handsOutReadOnlyDataUntilItIsClosed() {
    Path file = folder.resolve("one.safetensors");
    write(
        file,
        List.of(new TensorInfo("x", ElementType.U8, List.of(1L))),
        List.of(new byte[1]),
        Map.of());
    TensorStore store = TensorStore.open(file);
    MemorySegment data = store.data("x");
    assertThat(data.isReadOnly()).isTrue();
    store.close();
    store.close();
    assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesTensorsOutOfOrderOrOfTheWrongSize() {
    Path file = folder.resolve("order.safetensors");
    List<TensorInfo> infos =
        List.of(
            new TensorInfo("first", ElementType.U8, List.of(2L)),
            new TensorInfo("second", ElementType.U8, List.of(2L)));
    MemorySegment two = MemorySegment.ofArray(new byte[2]);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, Map.of())) {
      assertThatThrownBy(() -> writer.write("second", two)).hasMessageContaining("'first'");
      assertThatThrownBy(() -> writer.write("first", MemorySegment.ofArray(new byte[3])))
          .hasMessageContaining("2 bytes, 3 were given");
      writer.write("first", two);
      writer.write("second", two);
      assertThatThrownBy(() -> writer.write("third", two)).hasMessageContaining("none");
    }
    assertThat(file).exists();
  }

  @Test
  void leavesNoFileWhenATensorIsMissingAndKeepsTheOldOne() throws IOException {
    Path file = folder.resolve("kept.safetensors");
    Files.writeString(file, "old");
    List<TensorInfo> infos = List.of(new TensorInfo("x", ElementType.U8, List.of(2L)));
    SafetensorsWriter writer = SafetensorsWriter.create(file, infos, Map.of());
    assertThatThrownBy(writer::close)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'x' is missing");
    assertThat(folder)
        .isDirectoryContaining(path -> path.equals(file))
        .isDirectoryNotContaining("glob:**.partial");
    assertThat(file).hasContent("old");
  }

  @Test
  void refusesDuplicateNames() {
    TensorInfo info = new TensorInfo("x", ElementType.U8, List.of());
    Path file = folder.resolve("twice.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.create(file, List.of(info, info), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'x'");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void saysWhereAFileCannotBeWritten() {
    Path file = folder.resolve("missing/x.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.create(file, List.of(), Map.of()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void readsAModelAndWritesItBackBitForBit() {
    Path model = SharedFiles.model("tiny1m");
    Path copy = folder.resolve("copy.safetensors");
    try (TensorStore original = TensorStore.open(model)) {
      List<TensorInfo> infos = original.names().stream().map(original::info).toList();
      try (SafetensorsWriter writer = SafetensorsWriter.create(copy, infos, original.metadata())) {
        original.names().forEach(name -> writer.write(name, original.data(name)));
      }
    }
    assertThat(copy).hasSameBinaryContentAs(model.resolve("model.safetensors"));
  }

  @Test
  void readsRealFilesAsPythonDoes() {
    // names, hexadecimal floats and sums: struct.unpack and sum() of Python 3 over the same files
    try (TensorStore store = TensorStore.open(SharedFiles.model("stories260K"))) {
      assertThat(store.names()).hasSize(47).first().isEqualTo("model.embed_tokens.weight");
      String last = "model.layers.4.mlp.down_proj.weight";
      assertThat(store.info(last).shape()).containsExactly(64L, 172L);
      float[] values = Elements.toFloat(ElementType.F32, store.data(last));
      assertThat(values[0]).isEqualTo(-0x1.88801cp-5f);
      assertThat(values[values.length - 1]).isEqualTo(-0x1.cba716p-9f);
      assertThat(sum(values)).isEqualTo(19.543787761240765);
    }
    Path attention = SharedFiles.path("data/gpt2-layer6-attention.safetensors");
    try (TensorStore store = TensorStore.open(attention)) {
      assertThat(store.names())
          .containsExactly("h.5.attn.query", "h.5.attn.key", "h.5.attn.value", "h.5.attn.proj");
      assertThat(sum(Elements.toFloat(ElementType.F32, store.data("h.5.attn.query"))))
          .isEqualTo(-157.91786735324945);
    }
    try (TensorStore store = TensorStore.open(SharedFiles.model("tinystories656K"))) {
      assertThat(store.metadata()).containsEntry("model.embed_tokens.weight", "lm_head.weight");
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static void write(
      Path file, List<TensorInfo> infos, List<byte[]> data, Map<String, String> metadata) {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, metadata)) {
      for (int i = 0; i < infos.size(); i++) {
        writer.write(infos.get(i).name(), MemorySegment.ofArray(data.get(i)));
      }
    }
  }
}
