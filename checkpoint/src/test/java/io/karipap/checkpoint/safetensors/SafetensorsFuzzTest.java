package io.karipap.checkpoint.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFuzzTest {
  private static final int MUTATIONS = 500;
  private static final long MOST_ALLOCATED = 64L << 20;

  private static final String HEADER =
      """
      {"__metadata__":{"format":"pt"},
      "model.embed_tokens.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
      "model.norm.weight":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},
      "scalar":{"dtype":"I64","shape":[],"data_offsets":[32,40]},
      "empty":{"dtype":"F16","shape":[0,7],"data_offsets":[40,40]}}
      """;

  /** What a mutation may write besides random bytes: what the grammar knows. */
  private static final String[] FRAGMENTS = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "-",
    "0",
    "9223372036854775807",
    "1e308",
    "null",
    "true",
    "\"dtype\"",
    "\"shape\"",
    "\"F16\"",
    "\\u0000",
    "\\ud800",
    "[[[[[[[[[[",
    "\"a\":{",
    "NaN"
  };

  @TempDir Path folder;

  static IntStream seeds() {
    return IntStream.range(0, 20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void damagedFilesAreRefusedOrWhollyValid(int seed) throws IOException {
    Random random = new Random(seed);
    byte[] original = RawFile.bytes(HEADER, 40);
    Path file = folder.resolve("fuzz.safetensors");
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutant = original;
      for (int n = random.nextInt(3); n >= 0; n--) {
        mutant = mutate(mutant, random);
      }
      // unlinked first: a mapping of the former file may still be there
      Files.deleteIfExists(file);
      Files.write(file, mutant);
      refused += refuses(file) ? 1 : 0;
    }
    // both outcomes occur, so neither branch of this test is empty
    assertThat(refused).isBetween(MUTATIONS / 2, MUTATIONS - 1);
  }

  private static boolean refuses(Path file) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try (TensorStore store = TensorStore.open(file)) {
      long total = 0;
      for (String name : store.names()) {
        TensorInfo info = store.info(name);
        MemorySegment data = store.data(name);
        assertThat(data.byteSize()).isEqualTo(info.bytes());
        total += data.mismatch(data) == -1 ? data.byteSize() : 0;
      }
      assertThat(total).isLessThan(store.sizeOnDisk());
      return false;
    } catch (CheckpointException e) {
      assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n");
      return true;
    } finally {
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
    }
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(6)) {
      case 0 -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> {
        byte[] replaced = bytes.clone();
        replaced[at] = (byte) random.nextInt();
        yield replaced;
      }
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> splice(bytes, at, FRAGMENTS[random.nextInt(FRAGMENTS.length)].getBytes(UTF_8), 0);
      case 4 -> splice(bytes, at, new byte[0], random.nextInt(20));
      default -> {
        byte[] digit = {(byte) ('0' + random.nextInt(10))};
        yield splice(bytes, at, digit, 1);
      }
    };
  }

  /** Replaces some bytes and corrects the length in front, so that the header's inside is met. */
  private static byte[] splice(byte[] bytes, int at, byte[] insert, int remove) {
    int rest = Math.min(bytes.length, at + remove);
    byte[] spliced = new byte[bytes.length - (rest - at) + insert.length];
    System.arraycopy(bytes, 0, spliced, 0, at);
    System.arraycopy(insert, 0, spliced, at, insert.length);
    System.arraycopy(bytes, rest, spliced, at + insert.length, bytes.length - rest);
    int headerBytes = Math.max(0, spliced.length - 8 - 40);
    if (at >= 8 && spliced.length >= 8 && headerBytes < 1 << 16) {
      spliced[0] = (byte) headerBytes;
      spliced[1] = (byte) (headerBytes >> 8);
    }
    return spliced;
  }
}
