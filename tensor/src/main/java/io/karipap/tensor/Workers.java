package io.karipap.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads that do independent tasks side by side, each with native kernels of its own thread alone.
 *
 * <p>For the matrices of small models this is the only way to use several processors: a product of
 * a few milliseconds that is shared among the threads of one kernel spends as long waiting for
 * them. Each task runs inside a {@link TensorScope} of its own: tensors that it makes and that are
 * to outlive it belong to a {@link TensorOwner}.
 */
public final class Workers implements AutoCloseable {

  private final int count;
  private final int nativeThreads;
  private final ExecutorService threads;

  /**
   * Starts threads.
   *
   * @param count at least 1; the native threads in use now are shared out among them
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("at least one worker is needed, not " + count);
    }
    this.count = count;
    this.nativeThreads = Threads.inUse();
    this.threads = Executors.newFixedThreadPool(count);
  }

  /** Number of threads. */
  public int count() {
    return count;
  }

  /**
   * Runs tasks and waits for all of them.
   *
   * @return their results in the order of the tasks
   * @throws RuntimeException the failure of a task; those that had not begun then are left out
   */
  public <T> List<T> run(List<? extends Callable<T>> tasks) {
    AtomicBoolean failed = new AtomicBoolean();
    List<Callable<T>> guarded =
        tasks.stream().map(task -> (Callable<T>) () -> call(task, failed)).toList();
    try {
      List<T> results = new ArrayList<>();
      Optional<Throwable> failure = Optional.empty();
      for (Future<T> future : threads.invokeAll(guarded)) {
        switch (future.state()) {
          case SUCCESS -> results.add(future.resultNow());
          case FAILED -> failure = failure.or(() -> cause(future.exceptionNow()));
          case CANCELLED, RUNNING -> throw new IllegalStateException("all tasks have ended");
        }
      }
      if (failure.isPresent()) {
        throw unchecked(failure.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /**
   * Runs tasks without results and waits for all of them.
   *
   * @throws RuntimeException as {@link #run} does
   */
  public void runAll(List<? extends Runnable> tasks) {
    var _ = run(tasks.stream().map(Executors::callable).toList());
  }

  private <T> T call(Callable<T> task, AtomicBoolean failed) throws Exception {
    if (failed.get()) {
      throw new CancellationException();
    }
    Threads.use(Math.max(1, nativeThreads / count));
    boolean done = false;
    try (var _ = new TensorScope()) {
      T result = task.call();
      done = true;
      return result;
    } finally {
      if (!done) {
        failed.set(true);
      }
    }
  }

  /** The failure of a task; empty if the task did not run because another one had failed. */
  private static Optional<Throwable> cause(Throwable failure) {
    return failure instanceof CancellationException ? Optional.empty() : Optional.of(failure);
  }

  private static RuntimeException unchecked(Throwable failure) {
    return switch (failure) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException("a task failed", failure);
    };
  }

  /** Ends the threads, which have nothing to do then. */
  @Override
  public void close() {
    threads.close();
    Threads.use(nativeThreads);
  }
}
