package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Progress;
import io.karipap.compress.ResourceEstimate;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.model.arch.Architecture;
import io.karipap.model.family.Architectures;
import io.karipap.testing.SharedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceEstimatorTest {

  private static ResourceEstimate of(Path text, FactorizationKind form, long heal) {
    return ResourceEstimator.estimate(
        new CompressionRequest(
            SharedTexts.TINY1M,
            Path.of("out"),
            new CalibrationText(text, 1024),
            AllocationSettings.uniform(0.4),
            new FitSettings(form, Optional.empty(), 500, 0),
            Optional.of(Set.of()),
            new RunSettings(heal, 0, false)),
        tiny1m());
  }

  private static Architecture tiny1m() {
    return Architectures.standard().read(SharedFiles.TINY1M.resolve("config.json"));
  }

  /** A compression in a process of its own, so that the peak memory is that of the compression. */
  static final class Run {
    private Run() {}

    public static void main(String[] arguments) {
      CompressionRequest request =
          SharedTexts.request(
              SharedFiles.TINY1M, Path.of(arguments[0]), 0.4, FactorizationKind.LOWRANK);
      System.out.println(ResourceEstimator.estimate(request, tiny1m()).bytes());
      System.out.println(Compression.run(request, Progress.NONE).peakRssBytes());
    }
  }

  @Test
  void memoryIsThatOfARunWithinAFactorOfTwo(@TempDir Path folder) throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "the system tells the peak memory");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC", // as the command's launcher does
            "-Xms64m",
            "-Xmx2g",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dkaripap.shared=" + SharedFiles.path(""),
            "-cp",
            System.getProperty("java.class.path"),
            Run.class.getName(),
            folder.resolve("out").toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    double estimate = Double.parseDouble(lines.getFirst());
    double measured = Double.parseDouble(lines.getLast());
    assertThat(estimate / measured).isBetween(0.5, 2.0);
  }

  @Test
  void countsWhatEachStageTakes() {
    ResourceEstimate lowRank = of(SharedTexts.CALIBRATION, FactorizationKind.LOWRANK, 0);
    ResourceEstimate healed = of(SharedTexts.CALIBRATION, FactorizationKind.LOWRANK, 100_000_000);
    ResourceEstimate ring = of(SharedTexts.CALIBRATION, FactorizationKind.RING, 0);

    // 8 operations for each of 0.9 M elements and 100 M tokens: minutes on anything there is
    assertThat(healed.seconds()).isGreaterThan(lowRank.seconds() + 60);
    assertThat(ring.seconds()).isGreaterThan(lowRank.seconds());
    // AdamW alone keeps variables and two moments in float32
    assertThat(healed.bytes() - lowRank.bytes()).isGreaterThan(12 * 900_000);
    assertThat(lowRank.bytes()).isLessThan(lowRank.available());
  }

  @Test
  void namesATextThatIsNotThere() {
    assertThatThrownBy(() -> of(Path.of("no-such.txt"), FactorizationKind.RING, 0))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no-such.txt");
  }
}
