package io.karipap.compress;

/** Heals a compressed model by distillation from the original. */
public final class Healing {

  private Healing() {}

  /**
   * Runs a distillation and replaces the artifact by the healed one.
   *
   * @throws io.karipap.checkpoint.CheckpointException if an input is bad or the output cannot be written
   */
  public static HealResult run(HealRequest request, Progress progress) {
    throw new IllegalStateException("not yet");
  }
}
