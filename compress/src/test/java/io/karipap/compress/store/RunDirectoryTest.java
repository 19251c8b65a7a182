package io.karipap.compress.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {

  @TempDir Path folder;
  private Path output = Path.of("");

  @BeforeEach
  void nameOutput() {
    output = folder.resolve("out");
  }

  /** A run of seed 1 that was interrupted after a result. */
  private Path interrupted() throws IOException {
    RunDirectory work = RunDirectory.open(output, "seed: 1", false);
    return Files.writeString(work.folder("fits").resolve("w.json"), "a result");
  }

  @Test
  void liesBesideTheOutput() {
    RunDirectory work = RunDirectory.open(output, "seed: 1", false);
    assertThat(work.path()).isEqualTo(folder.toAbsolutePath().resolve(".out.work")).isDirectory();
    assertThat(output).doesNotExist();
  }

  @Test
  void theSameRequestResumesWithItsResults() throws IOException {
    Path result = interrupted();
    RunDirectory again = RunDirectory.open(output, "seed: 1", true);
    assertThat(again.folder("fits").resolve("w.json")).isEqualTo(result).hasContent("a result");
  }

  @Test
  void anotherRequestIsRefusedAndLeavesTheResults() throws IOException {
    Path result = interrupted();
    assertThatThrownBy(() -> RunDirectory.open(output, "seed: 2", true))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(".out.work had other settings or inputs")
        .hasMessageContaining("run without `resume`")
        .hasMessageNotContaining("\n");
    assertThat(result).hasContent("a result");
    // the first request still finds them
    RunDirectory.open(output, "seed: 1", true);
    assertThat(result).hasContent("a result");
  }

  @Test
  void withoutResumptionARunBeginsAnew() throws IOException {
    Path result = interrupted();
    RunDirectory.open(output, "seed: 1", false);
    assertThat(result).doesNotExist();
    assertThatThrownBy(() -> RunDirectory.open(output, "seed: 2", true))
        .isInstanceOf(CheckpointException.class);
  }

  /** A run that was killed before it wrote what it belongs to. */
  @Test
  void resultsThatBelongToNoRequestAreNotTaken() throws IOException {
    Path work = Files.createDirectories(folder.resolve(".out.work/fits"));
    Path stray = Files.writeString(work.resolve("w.json"), "of whom?");
    RunDirectory.open(output, "seed: 1", true);
    assertThat(stray).doesNotExist();
    Path kept = Files.writeString(folder.resolve(".out.work/kept"), "mine");
    RunDirectory.open(output, "seed: 1", true);
    assertThat(kept).exists();
  }

  @Test
  void deletesAllThatIsInIt() throws IOException {
    Path result = interrupted();
    RunDirectory.open(output, "seed: 1", true).delete();
    assertThat(result).doesNotExist();
    assertThat(folder).isEmptyDirectory();
  }
}
