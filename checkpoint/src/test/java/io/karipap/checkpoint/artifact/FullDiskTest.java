package io.karipap.checkpoint.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that may not write files beyond a size meets the same error path as a full disk: {@code
 * write} fails in the middle of a file.
 */
@DisabledOnOs(OS.WINDOWS)
class FullDiskTest {
  private static final int ALLOWED_KIB = 1024;

  @TempDir Path folder;

  /** The process that meets the limit. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      TensorInfo large = new TensorInfo("large", ElementType.U8, List.of(4096L * ALLOWED_KIB));
      MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(large.bytes())]);
      try (ArtifactWriter artifact = ArtifactWriter.begin(Path.of(arguments[0]), false)) {
        artifact.addText("plan.yaml", "fits");
        try (SafetensorsWriter writer = artifact.tensors(List.of(large), Map.of())) {
          writer.write("large", data);
        }
      } catch (CheckpointException e) {
        System.out.println("refused: " + e.getMessage());
        System.out.println("suppressed: " + e.getSuppressed().length);
      }
    }
  }

  @Test
  void aWriteThatFailsGivesOneLineAndLeavesNothingBehind() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -f \"$1\" && shift && exec \"$@\"",
                "sh",
                String.valueOf(2 * ALLOWED_KIB), // in units of 512 bytes
                java,
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                folder.resolve("target").toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst())
        .startsWith("refused: cannot write")
        .contains("model.safetensors")
        .contains("free space");
    assertThat(lines.getLast()).isEqualTo("suppressed: 0");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aReadOnlyParentIsNamed() throws IOException {
    // not even root creates folders in /proc
    Path target = Path.of("/proc/karipap-test");
    if (Files.isDirectory(Path.of("/proc/self"))) {
      assertThatThrownBy(() -> ArtifactWriter.begin(target, false))
          .isInstanceOf(CheckpointException.class)
          .hasMessageStartingWith("cannot write /proc/.karipap-test.partial-1");
    }
  }
}
