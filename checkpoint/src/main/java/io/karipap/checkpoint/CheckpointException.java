package io.karipap.checkpoint;

/**
 * A model file or folder that cannot be read or written. The message is one line that says what is
 * wrong, where, and what to do about it.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public CheckpointException(String message) {
    super(message);
  }

  /** An error with its whole message and what caused it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
