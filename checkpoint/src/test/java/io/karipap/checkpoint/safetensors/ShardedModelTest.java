package io.karipap.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedModelTest {
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";

  @TempDir Path folder;

  @BeforeEach
  void writeTwoShards() throws IOException {
    RawFile.write(folder.resolve(FIRST), tensor("a", 2), 2);
    RawFile.write(folder.resolve(SECOND), tensor("b", 3), 3);
    index("{'a':'%s','b':'%s'}".formatted(FIRST, SECOND));
  }

  private static String tensor(String name, int size) {
    return "{'%s':{'dtype':'U8','shape':[%d],'data_offsets':[0,%d]}}".formatted(name, size, size);
  }

  private void index(String weightMap) throws IOException {
    String json = "{'metadata':{'total_size':5},'weight_map':%s}".formatted(weightMap);
    Files.writeString(folder.resolve(ShardIndex.FILE_NAME), json.replace('\'', '"'));
  }

  @Test
  void readsTensorsFromAllShards() throws IOException {
    try (TensorStore store = TensorStore.open(folder)) {
      assertThat(store.names()).containsExactly("a", "b");
      assertThat(store.data("b").toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 1, 2);
      assertThat(store.sizeOnDisk())
          .isEqualTo(Files.size(folder.resolve(FIRST)) + Files.size(folder.resolve(SECOND)));
    }
  }

  @Test
  void leavesOutTensorsThatTheIndexDoesNotList() throws IOException {
    index("{'a':'%s'}".formatted(FIRST));
    try (TensorStore store = TensorStore.open(folder)) {
      assertThat(store.names()).containsExactly("a");
    }
  }

  @Test
  void namesAMissingShard() throws IOException {
    Files.delete(folder.resolve(SECOND));
    assertRefused(SECOND + " does not exist; download");
  }

  @Test
  void namesACutOffShard() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(SECOND));
    Files.write(folder.resolve(SECOND), Arrays.copyOf(whole, whole.length - 1));
    assertRefused(SECOND + ": it is cut off: tensor 'b'");
  }

  @Test
  void namesATensorThatIsNotWhereTheIndexSays() throws IOException {
    index("{'a':'%s','b':'%s'}".formatted(SECOND, SECOND));
    assertRefused("tensor 'a' is said to be in");
    index("{'a':'%s','c':'%s'}".formatted(FIRST, SECOND));
    assertRefused("tensor 'c' is said to be in");
  }

  @Test
  void namesATensorThatIsInTwoShards() throws IOException {
    RawFile.write(folder.resolve(SECOND), tensor("a", 3), 3);
    assertRefused("tensor 'a' is in both");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "..",
        "",
        "x\\\\y.safetensors",
        "\\u0000.safetensors",
        "weights.bin"
      })
  void refusesShardsThatAreNotBesideTheIndex(String shard) throws IOException {
    index("{'a':'%s'}".formatted(shard));
    assertRefused("not the name of a safetensors file beside it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", "7", "null"})
  void refusesAnIndexWithoutTensors(String weightMap) throws IOException {
    index(weightMap);
    assertRefused("no weight_map");
  }

  @Test
  void refusesAnIndexThatIsNotJson() throws IOException {
    Path path = folder.resolve(ShardIndex.FILE_NAME);
    Files.writeString(path, "{\"weight_map\": ");
    assertRefused("not valid JSON");
    Files.writeString(path, "[]");
    assertRefused("does not hold a JSON object");
    Files.writeString(path, "");
    assertRefused("does not hold a JSON object");
    Files.write(path, new byte[] {'"', (byte) 0xff, '"'});
    assertRefused("not valid UTF-8");
    Files.writeString(path, "[".repeat(100_000));
    assertRefused("not valid JSON");
    Files.delete(path);
    Files.createDirectory(path);
    assertRefused("is not a file");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TensorStore.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(message);
  }
}
