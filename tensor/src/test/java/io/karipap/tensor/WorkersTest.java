package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkersTest {

  @Test
  void resultsComeInTheOrderOfTheTasks() {
    try (var workers = new Workers(3)) {
      List<Callable<Double>> tasks = new ArrayList<>();
      IntStream.range(0, 50)
          .forEach(i -> tasks.add(() -> Tensor.full(i, DType.F64, 4, 4).square().sum().item()));
      assertThat(workers.run(tasks))
          .isEqualTo(IntStream.range(0, 50).mapToObj(i -> 16.0 * i * i).toList());
    }
  }

  @Test
  void tasksRunSideBySide() {
    try (var workers = new Workers(2)) {
      CountDownLatch both = new CountDownLatch(2);
      // each waits for the other: one thread alone would never end
      Callable<Boolean> task =
          () -> {
            both.countDown();
            both.await();
            return true;
          };
      assertThat(workers.run(List.of(task, task))).containsExactly(true, true);
    }
  }

  @Test
  void theFirstFailureIsThrownAndWhatHadNotBegunIsLeftOut() {
    try (var workers = new Workers(1)) {
      AtomicInteger begun = new AtomicInteger();
      Callable<Integer> fails =
          () -> {
            throw new IllegalArgumentException("task " + begun.incrementAndGet());
          };
      assertThatThrownBy(() -> workers.run(List.of(begun::incrementAndGet, fails, fails, fails)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("task 2");
      assertThat(begun).hasValue(2);
    }
  }

  @Test
  void tensorsOfATaskEndWithItUnlessAnOwnerHoldsThem() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var workers = new Workers(1)) {
      Tensor input = Tensor.full(2, DType.F64, 3);
      List<Tensor> made = workers.run(List.of(() -> input.add(1), () -> owner.own(input.add(1))));
      assertThat(made.get(0).isReleased()).isTrue();
      assertThat(made.get(1).toDoubles()).containsExactly(3, 3, 3);
    }
  }

  @Test
  void nativeThreadsAreSharedOutAndGivenBack() {
    int before = Threads.inUse();
    Threads.use(4);
    try (var workers = new Workers(2)) {
      assertThat(workers.run(List.of(Threads::inUse, Threads::inUse))).containsExactly(2, 2);
    } finally {
      assertThat(Threads.inUse()).isEqualTo(4);
      Threads.use(before);
    }
  }

  @Test
  void refusesToWorkWithoutWorkers() {
    assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("at least one");
  }
}
