package io.karipap.compress;

import java.util.Optional;

/**
 * How a run goes.
 *
 * @param healTokens tokens of distillation, 0 for none; from the calibration text
 * @param seed of all randomness
 * @param resume go on with an interrupted run of the same request
 * @param command that a person typed to ask for this, for the report; changes nothing else
 */
public record RunSettings(long healTokens, long seed, boolean resume, Optional<String> command) {

  /** A run that a program asked for. */
  public RunSettings(long healTokens, long seed, boolean resume) {
    this(healTokens, seed, resume, Optional.empty());
  }

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public RunSettings {
    if (healTokens < 0) {
      throw new IllegalArgumentException("`heal` must not be negative, not " + healTokens);
    }
  }

  /** The same asked for by a command that a person typed. */
  public RunSettings withCommand(String typed) {
    return new RunSettings(healTokens, seed, resume, Optional.of(typed));
  }
}
