package io.karipap.checkpoint.artifact;

import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The place of an artifact, and how it is taken without losing what was there before.
 *
 * @param path absolute, links resolved
 * @param parent the folder around it; exists
 * @param replaceOurs whether an artifact that is there already may go
 */
record TargetFolder(Path path, Path parent, boolean replaceOurs) {

  /** Where a training run keeps its state, in the folder that the trained model will take. */
  private static final String TRAINING = ".training";

  static TargetFolder of(Path folder, boolean replaceOurs) {
    Path path = folder.toAbsolutePath().normalize();
    try {
      path = Files.exists(path) ? path.toRealPath() : path;
      Path parent = path.getParent();
      if (parent == null) {
        throw new CheckpointException("%s cannot be written to; give a folder".formatted(path));
      }
      Files.createDirectories(parent);
      return new TargetFolder(path, parent, replaceOurs);
    } catch (IOException e) {
      throw Failures.writing(path, e);
    }
  }

  /** Refuses whatever is not ours to replace. */
  void checkFree() {
    if (!Files.exists(path) || isEmptyFolder()) {
      return;
    }
    if (!isArtifact()) {
      throw new CheckpointException(
          "%s exists and is not a compressed model of karipap; give another folder"
              .formatted(path));
    }
    if (!replaceOurs) {
      throw new CheckpointException(
          "%s holds a compressed model already; delete it, give another folder, or ask to replace it"
              .formatted(path));
    }
  }

  private boolean isEmptyFolder() {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> content = Files.list(path)) {
      return content.allMatch(entry -> entry.getFileName().toString().equals(TRAINING));
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }

  private boolean isArtifact() {
    try {
      return Json.read(path.resolve(Artifact.CONFIG)).path(Artifact.KEY).isObject();
    } catch (CheckpointException e) {
      return false; // no readable config.json: whatever this is, it is not ours
    }
  }

  /** Creates a hidden folder beside this one, {@code .<name>.<role>-<n>} with the first free n. */
  Path sibling(String role) {
    int n = 1;
    while (true) {
      Path folder = parent.resolve(".%s.%s-%d".formatted(path.getFileName(), role, n));
      try {
        return Files.createDirectory(folder);
      } catch (FileAlreadyExistsException e) {
        n++;
      } catch (IOException e) {
        throw Failures.writing(folder, e);
      }
    }
  }

  /** Moves a complete folder here; what was here before comes back if that fails. */
  void replaceBy(Path complete) {
    checkFree();
    try {
      force(complete);
      if (Files.exists(path)) {
        Path old = sibling("old");
        Files.delete(old); // only its name is wanted: not every platform moves over a folder
        Files.move(path, old, StandardCopyOption.ATOMIC_MOVE);
        moveOrRestore(complete, old);
        AtomicFiles.delete(old);
      } else {
        Files.move(complete, path, StandardCopyOption.ATOMIC_MOVE);
      }
      force(parent);
    } catch (IOException e) {
      throw Failures.writing(path, e);
    }
  }

  private void moveOrRestore(Path complete, Path old) throws IOException {
    try {
      Files.move(complete, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, path, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
  }

  /** Forces a folder's entries to disk, where the platform opens folders at all. */
  private static void force(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
