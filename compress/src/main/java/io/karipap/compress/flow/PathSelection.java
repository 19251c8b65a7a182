package io.karipap.compress.flow;

import io.karipap.network.Factorization;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * One point on every path: a model.
 *
 * @param original parameters of the whole model with all matrices dense
 */
public record PathSelection(SequencedMap<TruncationPath, PathPoint> points, long original) {

  /** Parameters of the whole model. */
  public long parameters() {
    long size = original;
    for (var point : points.entrySet()) {
      size += point.getValue().parameters() - point.getKey().matrix().elements();
    }
    return size;
  }

  /** Estimated nats per token. */
  public double loss() {
    return points.values().stream().mapToDouble(PathPoint::loss).sum();
  }

  /** The matrices by name, in the order of the model. */
  public SequencedMap<String, Factorization> factorizations() {
    SequencedMap<String, Factorization> matrices = new LinkedHashMap<>();
    points.forEach((path, point) -> matrices.put(path.matrix().name(), point.factorization()));
    return matrices;
  }

  /** The same with one point exchanged. */
  PathSelection with(TruncationPath path, PathPoint point) {
    SequencedMap<TruncationPath, PathPoint> changed = new LinkedHashMap<>(points);
    changed.put(path, point);
    return new PathSelection(changed, original);
  }
}
