package io.karipap.compress.fit;

import io.karipap.compress.store.FitResult;
import java.util.List;
import java.util.function.Consumer;

/** Does independent fits. */
public interface JobRunner {

  /**
   * Does all of them, in any order and any number at a time, and waits for the last.
   *
   * @param metrics that the jobs refer to
   * @param done takes every result as soon as it is there, from any thread
   * @throws RuntimeException the failure of a job; results of others are kept
   */
  void run(List<? extends FitJob> jobs, MetricSource metrics, Consumer<FitResult> done);
}
