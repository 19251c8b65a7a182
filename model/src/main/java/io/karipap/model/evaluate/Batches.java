package io.karipap.model.evaluate;

import io.karipap.model.arch.ActivationMemory;
import io.karipap.model.arch.Decoder;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/** Work of models on many windows without gradients, in batches, shared out among processors. */
final class Batches {

  private static final int BATCH_TOKENS = 2048;

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
    int atATime = ActivationMemory.batchesAtATime(model.architecture(), BATCH_TOKENS);
    try (var workers = new Workers(Math.max(1, Math.min(atATime, batches.size())))) {
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
}
