package io.karipap.compress;

import java.nio.file.Path;

/**
 * The text that the layers' inputs are taken from, and that healing learns on.
 *
 * @param file UTF-8
 * @param tokens of it to calibrate on at most, spread evenly over it
 */
public record CalibrationText(Path file, int tokens) {

  /** Tokens unless another number is asked for. */
  public static final int TOKENS = 1 << 16;

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is too small
   */
  public CalibrationText {
    if (tokens < 2) {
      throw new IllegalArgumentException("calibration needs 2 tokens or more, not " + tokens);
    }
  }
}
