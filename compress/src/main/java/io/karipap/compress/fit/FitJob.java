package io.karipap.compress.fit;

import io.karipap.compress.store.FittedMatrix;
import io.karipap.network.Metric;
import java.util.List;

/**
 * A fit as data: plan entry, weights, metrics by reference, options. It can be done anywhere. Jobs
 * with the same references share their metrics.
 */
public sealed interface FitJob permits MatrixFitJob, CellFitJob {

  /** The name of its result. */
  String name();

  /** The metrics of its matrices. */
  List<MetricReference> metrics();

  /** Numbers of its weights. */
  long elements();

  /** A bound on the bytes that it takes: factors of metrics, and some copies of matrices. */
  long memory();

  /**
   * Does it.
   *
   * @param metrics in the order of the references
   * @return its matrices, rounded to float32; none if it is not better than the fits before it
   */
  List<FittedMatrix> fit(List<Metric> metrics);
}
