package io.karipap.compress.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.compress.Plan;
import io.karipap.compress.store.FitResult;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LocalJobRunnerTest {

  private static final long MIB = 1 << 20;

  /** Time for another job to begin beside one that is at work, if the runner lets it. */
  private static final int OVERLAP_MS = 40;

  /** A pair of rank 1 of a square matrix, which takes 144 bytes for each of its numbers. */
  private static MatrixFitJob job(String name, String metric, int width) {
    return new MatrixFitJob(
        new Plan.Entry(name, "lowrank", 2L * width),
        new RandomTensors(width).normal(DType.F32, width, width),
        Optional.empty(),
        new MetricReference(metric, false),
        Optional.empty(),
        new MatrixFit(Optional.empty(), FitOptions.standard()));
  }

  private static MatrixFitJob job(String name, int width) {
    return job(name, name, width);
  }

  /** Knows which jobs are at work, from the moment that they ask for their metric. */
  private static final class Watch implements MetricSource {

    private final Map<String, MatrixFitJob> jobs = new HashMap<>();
    private final Map<String, Long> running = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> together = new HashMap<>();
    private long most;

    Watch(List<MatrixFitJob> all) {
      all.forEach(job -> jobs.put(job.name(), job));
    }

    @Override
    public Metric metric(MetricReference reference) {
      MatrixFitJob job = jobs.get(reference.matrix());
      if (job == null) {
        throw new IllegalStateException("no metric of " + reference.matrix());
      }
      begin(job);
      pause(OVERLAP_MS);
      return Metric.identity(job.w().size(1));
    }

    private synchronized void begin(MatrixFitJob job) {
      asked.add(job.name());
      running.put(job.name(), job.memory());
      most = Math.max(most, running.values().stream().mapToLong(Long::longValue).sum());
      running.keySet().forEach(name -> together.merge(name, running.size(), Math::max));
    }

    private synchronized void end(FitResult result) {
      running.remove(result.name());
      done.add(result.name());
    }

    void run(long memory) {
      new LocalJobRunner(memory).run(List.copyOf(jobs.values()), this, this::end);
    }
  }

  @Test
  void jobsNeverTakeMoreThanTheLimitTogether() {
    try (var _ = new TensorScope()) {
      List<MatrixFitJob> jobs = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        jobs.add(job("job" + i, i % 3 == 0 ? 150 : 100 + i));
      }
      Watch watch = new Watch(jobs);
      long limit = 4 * MIB;
      assertThat(jobs).allMatch(job -> job.memory() < limit);
      watch.run(limit);
      assertThat(watch.most).isLessThanOrEqualTo(limit);
      assertThat(watch.done)
          .containsExactlyInAnyOrderElementsOf(jobs.stream().map(MatrixFitJob::name).toList());
    }
  }

  @Test
  void aJobThatNeedsMoreThanTheLimitRunsAlone() {
    try (var _ = new TensorScope()) {
      List<MatrixFitJob> jobs =
          List.of(job("a", 40), job("b", 50), job("large", 200), job("c", 60));
      Watch watch = new Watch(jobs);
      long limit = 3 * MIB;
      assertThat(job("large", 200).memory()).isGreaterThan(limit);
      watch.run(limit);
      assertThat(watch.together).containsEntry("large", 1);
      assertThat(watch.done).containsExactlyInAnyOrder("a", "b", "large", "c");
    }
  }

  /** Each of two jobs waits for the other to begin. */
  @Test
  void jobsThatFitIntoMemoryRunSideBySide() {
    assumeTrue(Threads.available() > 1, "on one processor, jobs run one after the other");
    try (var _ = new TensorScope()) {
      CountDownLatch begun = new CountDownLatch(2);
      MetricSource meeting =
          _ -> {
            begun.countDown();
            try {
              assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return Metric.identity(30);
          };
      List<String> done = Collections.synchronizedList(new ArrayList<>());
      new LocalJobRunner(100 * MIB)
          .run(List.of(job("a", 30), job("b", 30)), meeting, result -> done.add(result.name()));
      assertThat(done).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void jobsOfOneMetricAskForItOnce() {
    try (var _ = new TensorScope()) {
      MatrixFitJob first = job("first", "first", 20);
      MatrixFitJob alone = job("alone", "alone", 24);
      Watch watch = new Watch(List.of(first, alone));
      List<String> done = Collections.synchronizedList(new ArrayList<>());
      new LocalJobRunner(100 * MIB)
          .run(
              List.of(first, alone, job("second", "first", 20), job("third", "first", 20)),
              watch,
              result -> done.add(result.name()));
      assertThat(watch.asked).containsExactlyInAnyOrder("first", "alone");
      assertThat(done).containsExactlyInAnyOrder("first", "second", "third", "alone");
    }
  }

  /** The error of rank 1, by the power method. */
  @Test
  void aResultIsThatOfItsJob() throws IOException {
    try (var _ = new TensorScope()) {
      MatrixFitJob job = job("w", 12);
      List<FitResult> results = Collections.synchronizedList(new ArrayList<>());
      new LocalJobRunner(100 * MIB).run(List.of(job), new Watch(List.of(job)), results::add);
      double[] w = job.w().to(DType.F64).toDoubles();
      double energy = Arrays.stream(w).map(value -> value * value).sum();
      assertThat(results).hasSize(1);
      JsonNode entry = new ObjectMapper().readTree(results.getFirst().entries()).path(0);
      assertThat(entry.path("name").textValue()).isEqualTo("w");
      assertThat(entry.path("error").doubleValue())
          .isCloseTo(Math.sqrt(1 - largestSquare(w, 12) / energy), within(1e-6));
    }
  }

  /** The largest eigenvalue of W^T W. */
  private static double largestSquare(double[] w, int n) {
    double[] x = new double[n];
    Arrays.fill(x, 1);
    double value = 0;
    for (int round = 0; round < 2000; round++) {
      double[] y = new double[n];
      double[] next = new double[n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          y[i] += w[i * n + j] * x[j];
        }
      }
      double square = 0;
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) {
          next[j] += w[i * n + j] * y[i];
        }
        square += next[j] * next[j];
      }
      value = Math.sqrt(square);
      for (int j = 0; j < n; j++) {
        x[j] = next[j] / value;
      }
    }
    return value;
  }

  /** With memory for one job at a time, and the others waiting for it. */
  @Test
  void theFailureOfAJobComesOutAndNothingHangs() {
    try (var _ = new TensorScope()) {
      MatrixFitJob large = job("large", 200);
      MatrixFitJob small = job("small", 20);
      Watch watch = new Watch(List.of(small));
      MetricSource failing =
          reference -> {
            if (reference.matrix().equals("large")) {
              pause(10 * OVERLAP_MS);
            }
            return watch.metric(reference);
          };
      assertThatThrownBy(
              () -> new LocalJobRunner(MIB).run(List.of(small, large), failing, watch::end))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no metric of large");
      assertThat(watch.done).isSubsetOf("small");
    }
  }

  private static void pause(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
