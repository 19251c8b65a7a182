package io.karipap.compress.store;

import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder with the finished parts of a run: {@code .NAME.work} beside its output. It is deleted
 * when the run succeeds.
 *
 * @param path the folder
 */
public record RunDirectory(Path path) {

  /** What the results in the folder belong to. */
  private static final String REQUEST = "request";

  /**
   * Opens the folder of an output.
   *
   * @param request describes everything that the results depend on
   * @param resume keep the results of an earlier run of the same request; otherwise they are
   *     deleted
   * @throws CheckpointException if results are to be kept that belong to another request
   */
  public static RunDirectory open(Path output, String request, boolean resume) {
    Path absolute = output.toAbsolutePath().normalize();
    RunDirectory work =
        new RunDirectory(absolute.resolveSibling("." + absolute.getFileName() + ".work"));
    Path stamp = work.path.resolve(REQUEST);
    try {
      if (resume && Files.exists(stamp) && !Files.readString(stamp).equals(request)) {
        throw new CheckpointException(
            "the interrupted run in "
                + work.path
                + " had other settings or inputs: repeat them, or run without `resume`");
      }
      if (!resume || !Files.exists(stamp)) {
        work.delete();
        Files.createDirectories(work.path);
        Files.writeString(stamp, request);
      }
      return work;
    } catch (IOException e) {
      throw new CheckpointException("cannot write in " + work.path + ": " + e.getMessage());
    }
  }

  /** A folder in this one, made if it is not there. */
  public Path folder(String name) {
    try {
      return Files.createDirectories(path.resolve(name));
    } catch (IOException e) {
      throw new CheckpointException("cannot write in " + path + ": " + e.getMessage());
    }
  }

  /** Deletes the folder and all that is in it. */
  public void delete() {
    AtomicFiles.delete(path);
  }
}
