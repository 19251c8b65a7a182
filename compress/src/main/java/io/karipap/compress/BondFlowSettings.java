package io.karipap.compress;

/**
 * How bonds are truncated towards the target when the whole model shares it.
 *
 * @param maxKl the flow stops before the KL divergence from the original, in nats per token of
 *     held-out text, exceeds this; infinite for no bound
 */
public record BondFlowSettings(double maxKl) {

  /** Checks the bound. */
  public BondFlowSettings {
    if (!(maxKl > 0)) {
      throw new IllegalArgumentException("`maxKl` must be positive, not " + maxKl);
    }
  }

  /** Down to the target, whatever the divergence. */
  public static BondFlowSettings unbounded() {
    return new BondFlowSettings(Double.POSITIVE_INFINITY);
  }
}
