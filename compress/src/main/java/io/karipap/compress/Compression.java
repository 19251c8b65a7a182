package io.karipap.compress;

/** Compresses a model: calibrate, plan, fit, heal, write. */
public final class Compression {

  private Compression() {}

  /**
   * Runs the whole pipeline.
   *
   * @throws io.karipap.checkpoint.CheckpointException if an input is bad or the output cannot be written; nothing is left
   *     behind but the folder that a later run can resume from
   * @throws IllegalArgumentException if the request cannot be met
   */
  public static CompressionResult run(CompressionRequest request, Progress progress) {
    throw new IllegalStateException("not yet");
  }
}
