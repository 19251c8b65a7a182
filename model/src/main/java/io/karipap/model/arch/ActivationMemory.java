package io.karipap.model.arch;

import io.karipap.tensor.Threads;

/** How many batches are computed side by side. */
public final class ActivationMemory {

  /** The most values that the layers of all batches under way hold: two GiB. */
  private static final long ACTIVATIONS = 1L << 29;

  private ActivationMemory() {}

  /**
   * As many as there are processors, while what the layers of all batches under way hold stays
   * small; at least one.
   *
   * @param tokens of a batch
   */
  public static int batchesAtATime(Architecture architecture, int tokens) {
    int neurons =
        architecture.spaces().stream()
            .filter(space -> space.kind() == Space.Kind.NEURONS)
            .mapToInt(Space::size)
            .max()
            .orElse(0);
    long widths = 8L * architecture.config().hiddenSize() + 4L * neurons;
    long affordable = Math.max(1, ACTIVATIONS / (tokens * widths));
    return (int) Math.min(affordable, Threads.available());
  }
}
