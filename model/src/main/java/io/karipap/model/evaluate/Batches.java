package io.karipap.model.evaluate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Space;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/** Work of models on many windows without gradients, in batches, shared out among processors. */
final class Batches {

  private static final int BATCH_TOKENS = 4096;

  /** The most values that the layers of all batches under way hold: two GiB. */
  private static final long ACTIVATIONS = 1L << 29;

  private Batches() {}

  /**
   * Does work on every batch, each inside a tensor scope of its own.
   *
   * @param progress told the share done, from 0 to 1, by one thread at a time
   * @return the results in the order of the batches, whichever was ready first
   */
  static <T> List<T> run(
      Decoder model,
      List<Window> windows,
      Function<List<Window>, T> work,
      DoubleConsumer progress) {
    List<List<Window>> batches = Windows.batches(windows, BATCH_TOKENS);
    AtomicInteger done = new AtomicInteger();
    try (var workers = new Workers(workers(model, batches.size()))) {
      List<Callable<T>> tasks = new ArrayList<>();
      for (List<Window> batch : batches) {
        tasks.add(() -> {
          T result;
          try (var _ = Autograd.off()) {
            result = work.apply(batch);
          }
          synchronized (done) {
            progress.accept((double) done.incrementAndGet() / batches.size());
          }
          return result;
        });
      }
      return workers.run(tasks);
    }
  }

  /** As many as there are batches and processors, while their activations stay small. */
  private static int workers(Decoder model, int batches) {
    int neurons =
        model.architecture().spaces().stream()
            .filter(space -> space.kind() == Space.Kind.NEURONS)
            .mapToInt(Space::size)
            .max()
            .orElse(0);
    long widths = 8L * model.config().hiddenSize() + 4L * neurons;
    long affordable = Math.max(1, ACTIVATIONS / (BATCH_TOKENS * widths));
    return (int) Math.min(affordable, Math.min(Threads.available(), batches));
  }
}
