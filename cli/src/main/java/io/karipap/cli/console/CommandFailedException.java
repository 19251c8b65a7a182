package io.karipap.cli.console;

/** A failure with a reason that the user can change; the message is one line. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailedException(String message) {
    super(message);
  }
}
