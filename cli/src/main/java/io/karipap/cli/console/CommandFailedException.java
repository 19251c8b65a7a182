package io.karipap.cli.console;

/** Work that came to nothing for a reason that the user can change; the message is one line. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailedException(String message) {
    super(message);
  }
}
