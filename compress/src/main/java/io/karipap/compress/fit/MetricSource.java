package io.karipap.compress.fit;

import io.karipap.network.Metric;

/** Finds metrics by their names. */
public interface MetricSource {

  /** The metric; computed here and now if nobody holds it. Called from any number of threads. */
  Metric metric(MetricReference reference);
}
