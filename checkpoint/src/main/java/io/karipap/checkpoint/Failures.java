package io.karipap.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** One-line messages for what the file system and the JSON parser report. */
public final class Failures {
  private static final int LONGEST_QUOTE = 80;

  private Failures() {}

  public static CheckpointException reading(Path path, IOException cause) {
    return new CheckpointException(
        "cannot read %s: %s; check the path and its permissions, or download the file again"
            .formatted(path, reason(cause)),
        cause);
  }

  public static CheckpointException writing(Path path, IOException cause) {
    return new CheckpointException(
        "cannot write %s: %s; check the folder's permissions and its free space"
            .formatted(path, reason(cause)),
        cause);
  }

  public static CheckpointException deleting(Path path, IOException cause) {
    return new CheckpointException(
        "cannot delete %s: %s; check its permissions".formatted(path, reason(cause)), cause);
  }

  /** Content that breaks the format: {@code what} says how, the advice is the same for all. */
  public static CheckpointException damaged(Path path, String what) {
    return new CheckpointException(
        "%s: %s; the file is damaged, download or write it again".formatted(path, what));
  }

  /** Content that a library refuses, in its own words. */
  public static CheckpointException damaged(Path path, String what, Exception cause) {
    String words = quoted(Objects.requireNonNullElse(cause.getMessage(), cause.toString()));
    CheckpointException damaged = damaged(path, "%s (%s)".formatted(what, words));
    damaged.initCause(cause);
    return damaged;
  }

  /** Text from a file, made fit for a message: short, on one line, in quotes. */
  public static String quoted(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    return line.length() <= LONGEST_QUOTE
        ? "'" + line + "'"
        : "'" + line.substring(0, LONGEST_QUOTE) + "...'";
  }

  public static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException missing -> "it does not exist";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException coding -> "it is not valid UTF-8";
      case JsonProcessingException json ->
          "it is not valid JSON (%s)".formatted(firstLine(json.getOriginalMessage()));
      case FileSystemException system when system.getReason() != null -> system.getReason();
      default -> firstLine(Objects.requireNonNullElse(cause.getMessage(), cause.toString()));
    };
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
  }
}
