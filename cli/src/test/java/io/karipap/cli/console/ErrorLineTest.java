package io.karipap.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.checkpoint.CheckpointException;
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
  void theCauseOfAFailedReadingIsTheMessage() {
    ErrorLine line = ErrorLine.of(new UncheckedIOException(new IOException("disk gone")));
    assertThat(line.message()).startsWith("disk gone; check");
    assertThat(line.status()).isEqualTo(1);
  }
}
