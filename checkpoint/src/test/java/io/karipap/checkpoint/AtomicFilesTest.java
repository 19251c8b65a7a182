package io.karipap.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

  @TempDir Path folder;

  @Test
  void theNewTextTakesThePlaceOfTheOldOne() {
    Path file = folder.resolve("notes.txt");
    AtomicFiles.write(file, "old and longer");
    AtomicFiles.write(file, "new: é");
    assertThat(file).hasContent("new: é");
    assertThat(folder).isDirectoryNotContaining("glob:**.partial");
  }

  /** A killed process neither commits nor closes. */
  @Test
  void aKilledWriterLeavesTheOldFileAndNothingThatIsInTheWay() throws IOException {
    Path file = folder.resolve("notes.txt");
    AtomicFiles.write(file, "old");
    AtomicFile killed = AtomicFile.create(file);
    killed.write(ByteBuffer.wrap("half of the new text".getBytes(UTF_8)));
    assertThat(file).hasContent("old");

    AtomicFiles.write(file, "new");
    assertThat(file).hasContent("new");
    killed.close();
    assertThat(file).hasContent("new");
  }

  @Test
  void aWriterThatFailsLeavesTheOldFileAndNoPartialOne() throws IOException {
    Path file = folder.resolve("notes.txt");
    AtomicFiles.write(file, "old");
    assertThatThrownBy(
            () -> {
              try (AtomicFile output = AtomicFile.create(file)) {
                output.write(ByteBuffer.wrap(new byte[100]));
                throw new IOException("no space left on device");
              }
            })
        .hasMessage("no space left on device");
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("notes.txt");
  }

  @Test
  void aCommitThatFailsLeavesNoPartialFile() throws IOException {
    var _ = Files.createDirectories(folder.resolve("taken/by/a/folder"));
    Path by = folder.resolve("taken/by");
    Path taken = by.resolve("a");
    assertThatThrownBy(() -> AtomicFiles.write(taken, "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("cannot write " + taken);
    assertThat(by.toFile().list()).containsExactly("a");
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThatThrownBy(() -> AtomicFiles.write(folder.resolve("none/notes.txt"), "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("none/notes.txt")
        .hasMessageContaining("does not exist");
  }

  @Test
  void aFolderIsDeletedWithAllThatIsInIt() throws IOException {
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("one/two"));
    Files.writeString(tree.resolve("one/two/file"), "text");
    Files.writeString(tree.resolve("one/file"), "text");
    AtomicFiles.delete(tree);
    assertThat(folder).isEmptyDirectory();
    AtomicFiles.delete(tree); // not there any more
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void ofLinksTheLinkIsDeletedAndNotTheFile() throws IOException {
    Path kept = Files.writeString(folder.resolve("kept"), "text");
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Files.createSymbolicLink(tree.resolve("link"), kept);
    Files.createSymbolicLink(tree.resolve("dangling"), folder.resolve("none"));
    AtomicFiles.delete(tree);
    AtomicFiles.delete(Files.createSymbolicLink(folder.resolve("dangling"), tree));
    assertThat(folder.toFile().list()).containsExactly("kept");
  }
}
