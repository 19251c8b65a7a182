package io.karipap.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is being written. The bytes go to {@code .NAME.partial} beside it; {@link #commit}
 * forces them to disk and moves them to their name in one step. A file of that name keeps its old
 * content until then, and for good if the writing is closed without a commit.
 */
public final class AtomicFile implements AutoCloseable {

  private final Path file;
  private final Path partial;
  private final FileChannel channel;
  private boolean open = true;

  private AtomicFile(Path file, Path partial, FileChannel channel) {
    this.file = file;
    this.partial = partial;
    this.channel = channel;
  }

  /**
   * Starts to write a file. A partial file that a killed process left is overwritten.
   *
   * @throws IOException if no file can be made in its folder
   */
  public static AtomicFile create(Path file) throws IOException {
    Path partial = file.resolveSibling("." + file.getFileName() + ".partial");
    FileChannel channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new AtomicFile(file, partial, channel);
  }

  /** Appends all bytes between the buffer's position and its limit. */
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** True until {@link #commit} has succeeded or {@link #close} was called. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Forces the bytes to disk and puts them in the place of the old file.
   *
   * @throws IOException if the disk refuses; the old file is unchanged then
   */
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    open = false;
  }

  /** Deletes what was written, unless it was committed. Closing twice is harmless. */
  @Override
  public void close() throws IOException {
    if (open) {
      open = false;
      try (channel) {
        Files.deleteIfExists(partial);
      }
    }
  }
}
