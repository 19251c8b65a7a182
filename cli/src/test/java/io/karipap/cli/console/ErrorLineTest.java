package io.karipap.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.checkpoint.CheckpointException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class ErrorLineTest {

  @Test
  void parametersOfTheLibraryAreShownAsOptions() {
    ErrorLine line =
        ErrorLine.of(
            new IllegalArgumentException("`maxKl` must be positive: leave out `form` cell."));
    assertThat(line.message()).isEqualTo("--max-kl must be positive: leave out --form cell");
    assertThat(line.status()).isEqualTo(2);
  }

  @Test
  void otherQuotesStayAsTheyAre() {
    assertThat(
            ErrorLine.of(new CheckpointException("no tensor `model.norm`, '`' or 'a'")).message())
        .isEqualTo("no tensor `model.norm`, '`' or 'a'");
  }

  @Test
  void theStatusSaysWhetherTheCallOrTheWorkWasWrong() {
    assertThat(ErrorLine.of(new IllegalArgumentException("the share is 2")))
        .isEqualTo(new ErrorLine("the share is 2", 2));
    assertThat(ErrorLine.of(new CheckpointException("the file is cut off")))
        .isEqualTo(new ErrorLine("the file is cut off", 1));
    assertThat(ErrorLine.of(new CommandFailedException("no text")))
        .isEqualTo(new ErrorLine("no text", 1));
  }

  @Test
  void aFileThatFailsIsNamedWithARemedy() {
    IOException cause = new FileNotFoundException("plan.yaml");
    ErrorLine line = ErrorLine.of(new UncheckedIOException("hidden", cause));
    assertThat(line.message()).startsWith("plan.yaml; check the path").doesNotContain("hidden");
    assertThat(line.status()).isEqualTo(1);
  }

  @Test
  void anErrorOfOursIsOneLineAndSaysHowToSeeMore() {
    ErrorLine line = ErrorLine.of(new IllegalStateException("first line\nsecond line"));
    assertThat(line.message())
        .isEqualTo(
            "internal error: IllegalStateException: first line (run with --verbose for the stack"
                + " trace)");
    assertThat(ErrorLine.of(new NullPointerException()).message())
        .contains("NullPointerException: NullPointerException");
  }

  @Test
  void memoryThatRunsOutInLibtorchIsThatOfTheHeap() {
    assertThat(ErrorLine.of(new RuntimeException("DefaultCPUAllocator: can't allocate memory")))
        .isEqualTo(ErrorLine.of(new OutOfMemoryError()));
  }
}
