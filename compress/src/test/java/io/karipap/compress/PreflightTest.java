package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightTest {

  private static Preflight of(Path text, Form form, long heal) {
    return Preflight.of(
        new CompressionRequest(
            Shared.TINY1M,
            Path.of("out"),
            text,
            0.4,
            form,
            Optional.empty(),
            Optional.empty(),
            1024,
            500,
            heal,
            0,
            false));
  }

  @Test
  void countsWhatEachStageTakes() {
    Preflight lowRank = of(Shared.CALIBRATION, Form.LOWRANK, 0);
    Preflight healed = of(Shared.CALIBRATION, Form.LOWRANK, 100_000_000);
    Preflight ring = of(Shared.CALIBRATION, Form.RING, 0);

    // 8 operations for each of 0.9 M elements and 100 M tokens: minutes on anything there is
    assertThat(healed.seconds()).isGreaterThan(lowRank.seconds() + 60);
    assertThat(ring.seconds()).isGreaterThan(lowRank.seconds());
    // AdamW alone keeps variables and two moments in float32
    assertThat(healed.bytes() - lowRank.bytes()).isGreaterThan(12 * 900_000);
    assertThat(lowRank.bytes()).isLessThan(lowRank.available());
  }

  @Test
  void namesATextThatIsNotThere() {
    assertThatThrownBy(() -> of(Path.of("no-such.txt"), Form.RING, 0))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no-such.txt");
  }
}
