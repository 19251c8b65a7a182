package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.compress.progress.LoggedProgress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {

  /** Writes down all calls. */
  private record Recording(List<String> calls) implements Progress {
    @Override
    public void stage(String name, long total) {
      calls.add("stage %s %d".formatted(name, total));
    }

    @Override
    public void at(long done, String note) {
      calls.add("at %d %s".formatted(done, note));
    }

    @Override
    public void needs(ResourceEstimate estimate) {
      calls.add("needs");
    }
  }

  @Test
  void aLoggedProgressIsToldEveryCall() {
    Recording recording = new Recording(new ArrayList<>());
    Progress logged = LoggedProgress.of(recording);
    logged.needs(new ResourceEstimate(1, 2, 3));
    logged.stage("one", 2);
    logged.at(1, "a");
    logged.at(2, "b");
    logged.at(2, "again");
    logged.stage("two", 5);
    assertThat(recording.calls())
        .containsExactly("needs", "stage one 2", "at 1 a", "at 2 b", "at 2 again", "stage two 5");
  }

  @Test
  void nothingIsLoggedTwice() {
    Progress logged = LoggedProgress.of(Progress.NONE);
    assertThat(LoggedProgress.of(logged)).isSameAs(logged);
    Progress logging = Progress.logging();
    assertThat(LoggedProgress.of(logging)).isSameAs(logging);
  }
}
