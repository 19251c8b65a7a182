package io.karipap.compress.profile;

import io.karipap.compress.SiteGrid;
import java.nio.file.Path;

/**
 * A model to profile, with the texts to use.
 *
 * @param model folder in Hugging Face layout
 * @param calibration UTF-8 text; its last fifth is held out for the measured divergences
 * @param grid sites of the lattice that matrices are cut on
 * @param calibrationTokens tokens of the text to collect statistics on at most
 * @param tokens held-out tokens to measure every divergence on at most
 * @param seed of the labels drawn for the gradients
 */
public record ProfileRequest(
    Path model, Path calibration, SiteGrid grid, int calibrationTokens, int tokens, long seed) {

  /** Default number of calibration tokens. */
  public static final int CALIBRATION_TOKENS = 1 << 15;

  /** Default number of held-out tokens. */
  public static final int TOKENS = 1 << 12;

  /** Checks the ranges. */
  public ProfileRequest {
    if (calibrationTokens < 2 || tokens < 2) {
      throw new IllegalArgumentException(
          "a profile needs 2 calibration tokens and 2 held-out tokens or more");
    }
  }
}
