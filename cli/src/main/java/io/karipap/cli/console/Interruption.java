package io.karipap.cli.console;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What happens on Ctrl-C and on a request to terminate. If the work need not be stored, the process
 * ends at once with the status of Ctrl-C. A regular exit of the virtual machine would unload native
 * libraries while threads still compute with them, and crash. Otherwise the process exits when its
 * shutdown hooks have ended.
 */
public final class Interruption implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 60;

  /** 128 and the number of the signal. */
  private static final int INTERRUPTED = 130;

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
          } else {
            end();
          }
        });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Says something and lets the process end at once. */
  public static Interruption noting(Console console, String what) {
    return new Interruption(
        () -> console.note("\nkaripap: interrupted; %s".formatted(what)), false);
  }

  /** Lets the work see that it is to end, and gives it time: it stores its state first. */
  public static Interruption waiting(Console console) {
    return new Interruption(() -> console.note("\nkaripap: storing the state"), true);
  }

  /** Ends the process as it stands: no destructor of any library runs. */
  @SuppressWarnings("restricted") // a call of the C library
  private static void end() {
    Linker linker = Linker.nativeLinker();
    MethodHandle exit =
        linker.downcallHandle(
            linker.defaultLookup().find("_exit").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    try {
      exit.invokeExact(INTERRUPTED);
    } catch (Throwable e) {
      throw new IllegalStateException("the process cannot be ended", e);
    }
  }

  private void awaitEnd() {
    try {
      var _ = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the work is to end. */
  public boolean isRequested() {
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
