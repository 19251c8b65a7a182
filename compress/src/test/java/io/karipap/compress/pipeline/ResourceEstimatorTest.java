package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.ResourceEstimate;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

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
        Architectures.standard().read(SharedTexts.TINY1M.resolve("config.json")));
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
