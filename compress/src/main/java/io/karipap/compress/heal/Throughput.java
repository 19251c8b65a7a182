package io.karipap.compress.heal;

import io.karipap.model.train.TrainingSettings;

/** The speed of a training run as text. */
final class Throughput {

  private final TrainingSettings settings;
  private final long first;
  private final long began = System.nanoTime();

  /**
   * Starts the clock.
   *
   * @param first steps done before
   */
  Throughput(TrainingSettings settings, long first) {
    this.settings = settings;
    this.first = first;
  }

  /** Tokens per second and time left after some steps, such as {@code 8100 tokens/s, 1:05 left}. */
  String after(long steps) {
    double seconds = (System.nanoTime() - began) * 1e-9;
    double rate = (steps - first) * settings.batchTokens() / Math.max(1e-9, seconds);
    long left =
        Math.round((settings.steps() - steps) * settings.batchTokens() / Math.max(1e-9, rate));
    return "%.0f tokens/s, %d:%02d left".formatted(rate, left / 60, left % 60);
  }
}
