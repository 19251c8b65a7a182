package io.karipap.compress.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.compress.Progress;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ProgressCounterTest {

  @Test
  void countsOfManyThreadsArriveOneAtATimeAndInOrder() {
    int threads = 4;
    int each = 1000;
    List<Long> counts = new ArrayList<>();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(threads);
    ProgressCounter counter =
        new ProgressCounter(
            new Progress() {
              @Override
              public void stage(String name, long total) {}

              @Override
              public void at(long done, String note) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                counts.add(done);
                Thread.onSpinWait();
                inside.decrementAndGet();
              }
            });
    Runnable task =
        () -> {
          all.countDown();
          while (all.getCount() > 0) {
            Thread.onSpinWait(); // all count at the same time
          }
          for (int i = 0; i < each; i++) {
            counter.add("");
          }
        };
    try (var workers = new Workers(threads)) {
      workers.runAll(Collections.nCopies(threads, task));
    }
    assertThat(most).hasValue(1);
    assertThat(counts)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, (long) threads * each).boxed().toList());
  }

  @Test
  void severalUnitsCountAtOnce() {
    List<String> told = new ArrayList<>();
    ProgressCounter counter =
        new ProgressCounter(
            new Progress() {
              @Override
              public void stage(String name, long total) {}

              @Override
              public void at(long done, String note) {
                told.add(done + " " + note);
              }
            });
    counter.add(3, "three");
    counter.add("one");
    assertThat(told).containsExactly("3 three", "4 one");
  }
}
