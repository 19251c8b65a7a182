package io.karipap.compress.fit;

import io.karipap.compress.store.FitResult;
import io.karipap.compress.store.SystemMemory;
import io.karipap.network.Metric;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Fits in threads of this process, as many at a time as there are processors and as fit into
 * memory. Jobs that share their metrics are done one after the other, so that these are factorized
 * once.
 *
 * @param memory bytes that all fits together may take; a single one that needs more runs alone
 */
public record LocalJobRunner(long memory) implements JobRunner {

  private static final long MIB = 1 << 20;

  /** Half of the machine's memory. */
  public static LocalJobRunner standard() {
    return new LocalJobRunner(SystemMemory.available() / 2);
  }

  @Override
  public void run(List<? extends FitJob> jobs, MetricSource metrics, Consumer<FitResult> done) {
    int limit = Math.clamp(memory / MIB, 1, Integer.MAX_VALUE);
    Semaphore free = new Semaphore(limit);
    List<Runnable> tasks = new ArrayList<>();
    for (List<FitJob> group : groups(jobs)) {
      long bytes = group.stream().mapToLong(FitJob::memory).max().orElse(0);
      int need = (int) Math.min(limit, bytes / MIB + 1);
      tasks.add(() -> {
        free.acquireUninterruptibly(need);
        try {
          fit(group, metrics, done);
        } finally {
          free.release(need);
        }
      });
    }
    try (var workers = new Workers(Threads.available())) {
      workers.runAll(tasks);
    }
  }

  /** Jobs by their metrics, the largest groups first. */
  private static List<List<FitJob>> groups(List<? extends FitJob> jobs) {
    Map<List<MetricReference>, List<FitJob>> byMetrics = new LinkedHashMap<>();
    jobs.forEach(job -> byMetrics.computeIfAbsent(job.metrics(), _ -> new ArrayList<>()).add(job));
    List<List<FitJob>> groups = new ArrayList<>(byMetrics.values());
    groups.sort(Comparator.comparingLong(LocalJobRunner::elements).reversed());
    return groups;
  }

  private static long elements(List<FitJob> group) {
    return group.stream().mapToLong(FitJob::elements).sum();
  }

  private static void fit(List<FitJob> group, MetricSource source, Consumer<FitResult> done) {
    try (var _ = new TensorScope()) {
      List<Metric> metrics = group.getFirst().metrics().stream().map(source::metric).toList();
      for (FitJob job : group) {
        try (var _ = new TensorScope()) {
          done.accept(FitResult.of(job.name(), job.fit(metrics)));
        }
      }
    }
  }
}
