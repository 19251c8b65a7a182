package io.karipap.cli;

/** Work that came to nothing for a reason that the user can change; the message is one line. */
final class WorkFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WorkFailed(String message) {
    super(message);
  }
}
