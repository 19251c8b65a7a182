package io.karipap.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What happens on Ctrl-C and on a request to terminate. The virtual machine exits by itself once
 * its shutdown hooks have ended, with the status that the signal stands for (130 for Ctrl-C).
 */
final class Interruption implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 60;

  private final AtomicBoolean requested = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  private Interruption(Runnable note, boolean waits) {
    hook =
        new Thread(() -> {
          requested.set(true);
          note.run();
          if (waits) {
            awaitEnd();
          }
        });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Says something and lets the process end at once. */
  static Interruption noting(Console console, String what) {
    return new Interruption(
        () -> console.note("\nkaripap: interrupted; %s".formatted(what)), false);
  }

  /** Lets the work see that it is to end, and gives it time: it stores its state first. */
  static Interruption waiting(Console console) {
    return new Interruption(() -> console.note("\nkaripap: storing the state"), true);
  }

  private void awaitEnd() {
    try {
      var _ = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the work is to end. */
  boolean isRequested() {
    return requested.get();
  }

  /** The work has ended, by itself or because it was asked to. */
  @Override
  public void close() {
    ended.countDown();
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs already, and sees that the work has ended
    }
  }
}
