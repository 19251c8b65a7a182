package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoggingProgressTest {

  private final List<String> lines = new ArrayList<>();
  private final AtomicLong clock = new AtomicLong();
  private final Progress progress = new LoggingProgress(lines::add, clock::get);

  private void at(double seconds, long done, String note) {
    clock.set((long) (seconds * 1e9));
    progress.at(done, note);
  }

  @Test
  void aStageIsLoggedAtItsBeginningAndEndAndEveryTenSecondsBetween() {
    progress.stage("healing", 400);
    at(3, 10, "");
    at(11, 37, "loss 2.5");
    at(19, 70, "");
    at(21.2, 80, "");
    at(22, 400, "");
    assertThat(lines)
        .containsExactly(
            "healing: begins",
            "healing: 37 of 400 (loss 2.5), 11 s",
            "healing: 80 of 400, 21 s",
            "healing: 400 of 400, 22 s");
  }

  @Test
  void needsAreNamedWithTheirUnits() {
    progress.needs(new ResourceEstimate(90, 2_500_000_000L, 16_000_000_000L));
    assertThat(lines).containsExactly("needs about 90 s and 2.5 GB of memory; 16.0 GB are free");
  }
}
