package io.karipap.checkpoint.safetensors;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedSafetensorsTest {
  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("model.safetensors");
  }

  /** Header with ' for ", bytes of data, and what the message must say. */
  static Stream<Arguments> headers() {
    String good = "'dtype':'F32','shape':[2],'data_offsets':[0,8]";
    return Stream.of(
        header("[]", 0, "the header"),
        header("{", 0, "not valid JSON"),
        header("{'a':{%s}".formatted(good), 8, "not valid JSON"),
        header("{'a':{%s}} {}".formatted(good), 8, "after the header's closing brace"),
        header("{'a':{%s},'a':{%s}}".formatted(good, good), 8, "Duplicate"),
        header("{'a':{%s},'\\u0061':{%s}}".formatted(good, good), 8, "Duplicate"),
        header("{'a':{%s,'dtype':'F32'}}".formatted(good), 8, "Duplicate"),
        header("{'a':{%s,'more':1}}".formatted(good), 8, "tensor 'a' has the unknown field 'more'"),
        header("{'a':7}", 0, "tensor 'a'"),
        header("{'a':{'dtype':'F32','shape':[]}}", 0, "tensor 'a' lacks"),
        header("{'a':{'dtype':'F8_E4M3','shape':[2],'data_offsets':[0,2]}}", 2, "'F8_E4M3'"),
        header("{'a':{'dtype':'F8_E4M3','shape':[2],'data_offsets':[0,2]}}", 2, "[F64, F32, F16,"),
        header("{'a':{'dtype':4,'shape':[2],'data_offsets':[0,8]}}", 8, "tensor 'a', dtype"),
        header("{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}", 8, "negative extent -2"),
        header("{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}", 8, "'a', shape"),
        header("{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}", 8, "'a', shape"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,9]}}", 9, "needs 8 bytes"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}", 8, "data_offsets [8, 0]"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}", 8, "data_offsets [-8,"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}", 8, "1 data_offsets"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}}", 8, "3 data_offsets"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", 7, "cut off: tensor 'a'"),
        header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", 11, "the last 3 bytes"),
        header(
            "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}",
            0,
            "larger than 2^63"),
        header(
            "{'a':{'dtype':'U8','shape':[9223372036854775807,2],'data_offsets':[0,0]}}",
            0,
            "larger than 2^63"),
        header(
            "{'a':{'dtype':'U8','shape':[9223372036854775808],'data_offsets':[0,0]}}",
            0,
            "out of range of long"),
        header(
            "{'a':{'dtype':'U8','shape':[%s],'data_offsets':[0,1]}}"
                .formatted("1" + ",1".repeat(64)),
            1,
            "more than 64"),
        header(
            "{'a':{%s},'b':{'dtype':'U8','shape':[4],'data_offsets':[6,10]}}".formatted(good),
            10,
            "'a' and 'b' overlap at data byte 6"),
        header(
            "{'a':{%s},'b':{'dtype':'U8','shape':[4],'data_offsets':[10,14]}}".formatted(good),
            14,
            "data bytes 8 to 10 between 'a' and 'b' belong to no tensor"),
        header("{'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}", 2, "the header and 'a'"),
        header("{'':{%s}}".formatted(good), 8, "name has 0 characters"),
        header("{'%s':{%s}}".formatted("n".repeat(513), good), 8, "name has 513 characters"),
        header("{'%s':{%s}}".formatted("n".repeat(9999), good), 8, "exceeds the maximum"),
        header("{'a\\n':{%s}}".formatted(good), 8, "control character"),
        header("{'\\ud800':{%s}}".formatted(good), 8, "control character"),
        header("{'__metadata__':{'a':1}}", 0, "metadata 'a'"),
        header("{'__metadata__':{},'__metadata__':{}}", 0, "Duplicate"),
        header("{'a':{'b':{'c':{'d':{'e':{}}}}}}", 0, "tensor 'a' has the unknown field 'b'"),
        header("{'__metadata__':[[[[[[]]]]]]}", 0, "__metadata__"));
  }

  private static Arguments header(String header, int dataBytes, String message) {
    return Arguments.of(header, dataBytes, message);
  }

  @ParameterizedTest
  @MethodSource("headers")
  void namesTheFileAndWhatIsWrongWithItsHeader(String header, int dataBytes, String message)
      throws IOException {
    RawFile.write(file, header, dataBytes);
    assertRefused(message);
  }

  @Test
  void refusesFilesTooShortForALength() throws IOException {
    Files.write(file, new byte[0]);
    assertRefused("at least 8 bytes, this one has 0");
    Files.write(file, new byte[7]);
    assertRefused("at least 8 bytes, this one has 7");
  }

  @Test
  void refusesHeadersLongerThanAllowedOrThanTheFile() throws IOException {
    Files.write(file, length(Long.MAX_VALUE));
    assertRefused("header of 9223372036854775807 bytes");
    Files.write(file, length(-1));
    assertRefused("header of 18446744073709551615 bytes");
    Files.write(file, length(100_000_001));
    assertRefused("allowed are up to 100000000");
    Files.write(file, length(100));
    assertRefused("its header ends at byte 108, the file at byte 8");
  }

  private static byte[] length(long length) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
  }

  @Test
  void refusesHeadersThatAreNotUtf8() throws IOException {
    byte[] bytes = RawFile.bytes("{\"a?\":{}}", 0);
    bytes[8 + 3] = (byte) 0xff;
    Files.write(file, bytes);
    assertRefused("not valid UTF-8");
  }

  @Test
  void refusesHeadersInUtf16() throws IOException {
    byte[] text = "{}".getBytes(UTF_16LE);
    byte[] bytes = Arrays.copyOf(length(text.length), 8 + text.length);
    System.arraycopy(text, 0, bytes, 8, text.length);
    Files.write(file, bytes);
    assertRefused("not valid JSON");
  }

  @Test
  void refusesMoreTensorsThanOneFileMayHave() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i <= SafetensorsHeader.MOST_ENTRIES; i++) {
      header.append(i == 0 ? "" : ",").append("'").append(i);
      header.append("':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}");
    }
    RawFile.write(file, header.append("}").toString(), 0);
    assertRefused("more than 200000 tensors");
  }

  @Test
  void refusesMoreMetadataThanOneFileMayHave() throws IOException {
    StringBuilder header = new StringBuilder("{'__metadata__':{'':''");
    for (int i = 0; i < SafetensorsHeader.MOST_ENTRIES; i++) {
      header.append(",'").append(i).append("':''");
    }
    RawFile.write(file, header.append("}}").toString(), 0);
    assertRefused("more than 200000 metadata entries");
  }

  @Test
  void refusesFoldersMissingFilesAndPipesInPlaceOfAFile() throws IOException {
    assertRefused("does not exist");
    Files.createDirectory(file);
    assertThatThrownBy(() -> TensorStore.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors is not a file");
    assertThatThrownBy(() -> TensorStore.open(Path.of("/dev/zero")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("/dev/zero is not a file");
  }

  @Test
  void saysWhatAFolderWithoutAModelLacks() {
    assertThatThrownBy(() -> TensorStore.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("neither model.safetensors nor model.safetensors.index.json");
  }

  @Test
  void namesTheClosestTensorsWhenOneIsMissing() throws IOException {
    RawFile.write(
        file,
        "{'model.layers.0.q_proj':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},"
            + "'model.layers.1.k_proj':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},"
            + "'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},"
            + "'lm_head':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}}",
        0);
    try (TensorStore store = TensorStore.open(file)) {
      assertThat(store.contains("model.layers.0.k_proj")).isFalse();
      assertThatThrownBy(() -> store.info("model.layers.0.k_proj"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(
              "no tensor 'model.layers.0.k_proj'; the closest names are 'model.layers.0.q_proj',"
                  + " 'model.layers.1.k_proj'");
      assertThatThrownBy(() -> store.data("b")).hasMessageContaining("closest names are 'a'");
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TensorStore.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
