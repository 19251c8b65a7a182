package io.karipap.checkpoint.safetensors;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One safetensors file, mapped read-only, its header checked. */
record MappedFile(Path path, MemorySegment bytes, SafetensorsHeader header) {

  /**
   * Maps a file for as long as the arena lives.
   *
   * @throws CheckpointException where the file cannot be opened or is malformed
   */
  static MappedFile map(Path path, Arena arena) {
    if (!Files.exists(path)) {
      throw new CheckpointException(
          "%s does not exist; download the model again or correct the path".formatted(path));
    }
    // not even opened: a pipe would block, and a directory opens but does not read
    if (!Files.isRegularFile(path)) {
      throw new CheckpointException(
          "%s is not a file; a safetensors file is wanted".formatted(path));
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedFile(path, bytes, SafetensorsHeader.read(bytes, path));
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }

  MemorySegment data(SafetensorsHeader.Place place) {
    return bytes.asSlice(header.dataStart() + place.begin(), place.end() - place.begin());
  }
}
