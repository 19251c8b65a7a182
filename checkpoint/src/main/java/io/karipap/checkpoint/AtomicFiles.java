package io.karipap.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Files that are there as a whole or not at all, and folders that are deleted as a whole. */
public final class AtomicFiles {

  private AtomicFiles() {}

  /**
   * Writes a text in UTF-8 in place of an older file, which stays if the writing fails or the
   * process is killed.
   *
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(Path file, String text) {
    write(file, text.getBytes(UTF_8));
  }

  /**
   * Writes bytes in place of an older file, which stays if the writing fails or the process is
   * killed.
   *
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(Path file, byte[] bytes) {
    try (AtomicFile output = AtomicFile.create(file)) {
      output.write(ByteBuffer.wrap(bytes));
      output.commit();
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
  }

  /**
   * Deletes a file, or a folder with all that is in it. Of links the link is deleted, and not the
   * file that it points to. Does nothing where there is no file.
   *
   * @throws CheckpointException if a file cannot be deleted; some may be gone by then
   */
  public static void delete(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      List<Path> innermostFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path each : innermostFirst) {
        Files.delete(each);
      }
    } catch (UncheckedIOException e) {
      throw Failures.deleting(path, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw Failures.deleting(path, e);
    }
  }
}
