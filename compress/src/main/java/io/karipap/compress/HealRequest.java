package io.karipap.compress;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A distillation of a compressed model from its original.
 *
 * @param artifact folder of the compressed model; replaced by the healed one when that is written
 * @param teacher folder of the original
 * @param text UTF-8 text to learn on; its end is held out
 * @param sample tokens of further text, which are drawn from the original itself
 * @param tokens length of the run
 * @param options how it is healed
 * @param seed of the order of the text
 * @param resume go on with an interrupted run of the same request
 * @param command that a person typed to ask for this, for the report; changes nothing else
 */
public record HealRequest(
    Path artifact,
    Path teacher,
    Optional<Path> text,
    long sample,
    long tokens,
    HealOptions options,
    long seed,
    boolean resume,
    Optional<String> command) {

  /**
   * Checks that there is text.
   *
   * @throws IllegalArgumentException if there is none
   */
  public HealRequest {
    if (sample < 0 || (text.isEmpty() && sample == 0)) {
      throw new IllegalArgumentException(
          "there is nothing to learn on: give --text, or --sample tokens of the original's own text");
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
    this(artifact, teacher, Optional.of(text), 0, tokens, options, seed, resume, Optional.empty());
  }

  /** The same asked for by a command that a person typed. */
  public HealRequest withCommand(String typed) {
    return new HealRequest(
        artifact, teacher, text, sample, tokens, options, seed, resume, Optional.of(typed));
  }
}
