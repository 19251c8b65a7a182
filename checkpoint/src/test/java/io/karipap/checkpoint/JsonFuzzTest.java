package io.karipap.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFuzzTest {
  private static final int MUTATIONS = 2000;

  @TempDir Path folder;

  private static byte[] config() {
    ObjectNode config = Json.read(SharedFiles.path("models/stories260K/config.json"));
    config.putObject("rope_scaling").put("type", "yarn").put("factor", 2.5).put("mscale", 0.5);
    MatrixEntry matrix =
        new MatrixEntry("lm_head", "btt", 8, 9, Map.of("grid", List.of(1, 2)), 0.5, 72);
    CalibrationRecord calibration = new CalibrationRecord("00", 1, 2, 3, "text");
    config.set(
        Artifact.KEY,
        new ArtifactManifest("1", "method", 7, calibration, List.of(matrix), "00", 8).toJson());
    return config.toString().getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void damagedConfigurationsAreRefusedOrRead(int seed) throws IOException {
    Random random = new Random(seed);
    Path file = folder.resolve("config.json");
    byte[] whole = config();
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] bytes = whole.clone();
      int at = random.nextInt(bytes.length);
      bytes[at] = (byte) (random.nextBoolean() ? "0123456789-.e{}[],:\"".charAt(at % 20) : at);
      Files.write(file, bytes);
      try {
        assertThat(LlamaConfig.read(file).model().hiddenSize()).isPositive();
        Artifact.manifest(folder).ifPresent(manifest -> assertThat(manifest.version()).isNotNull());
      } catch (CheckpointException e) {
        refused++;
        assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n");
      }
    }
    assertThat(refused).isBetween(1, MUTATIONS - 1);
  }

  @Test
  void doesNotReadFilesOfAnySize() throws IOException {
    Path file = folder.resolve("config.json");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(UTF_8.encode("{"), 1L << 40);
    }
    assertThatThrownBy(() -> LlamaConfig.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has 1099511627777 bytes; at most 64000000 are read");
  }
}
