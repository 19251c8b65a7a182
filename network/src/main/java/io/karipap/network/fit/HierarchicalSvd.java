package io.karipap.network.fit;

import io.karipap.network.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.Tensor;

/** A start for fits. */
@SuppressWarnings("DoNotCallSuggester")
public final class HierarchicalSvd {

  private HierarchicalSvd() {}

  /** A start for fits. */
  public static Pepo start(Tensor w, Metric metric, Lattice lattice) {
    throw new UnsupportedOperationException("not yet");
  }
}
