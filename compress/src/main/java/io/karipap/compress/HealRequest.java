package io.karipap.compress;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A distillation of a compressed model from its original.
 *
 * @param artifact folder of the compressed model; replaced by the healed one when that is written
 * @param teacher folder of the original
 * @param text UTF-8 text to learn on; its end is held out
 * @param sample tokens of further text, sampled from the original
 * @param options which numbers are trained, and how
 * @param run length; seed of the sampled text, the order of the text and the random numbers in
 *     updates; resumption
 */
public record HealRequest(
    Path artifact,
    Path teacher,
    Optional<Path> text,
    long sample,
    HealOptions options,
    RunSettings run) {

  /**
   * Checks that there is text.
   *
   * @throws IllegalArgumentException if there is none
   */
  public HealRequest {
    if (sample < 0 || (text.isEmpty() && sample == 0)) {
      throw new IllegalArgumentException(
          "there is nothing to learn on: give `text`, or the tokens to `sample` from the original");
    }
  }

  /** A distillation on a text alone. */
  public HealRequest(
      Path artifact,
      Path teacher,
      Path text,
      long tokens,
      HealOptions options,
      long seed,
      boolean resume) {
    this(artifact, teacher, Optional.of(text), 0, options, new RunSettings(tokens, seed, resume));
  }

  /** The same asked for by a command that a person typed. */
  public HealRequest withCommand(String typed) {
    return new HealRequest(artifact, teacher, text, sample, options, run.withCommand(typed));
  }

  /** Tokens of the distillation. */
  public long tokens() {
    return run.healTokens();
  }

  /** Seed of the order of the text. */
  public long seed() {
    return run.seed();
  }
}
