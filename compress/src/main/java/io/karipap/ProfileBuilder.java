package io.karipap;

import static io.karipap.Parameters.atLeast;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.Progress;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.profile.Profile;
import io.karipap.compress.profile.ProfileRequest;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;
import java.util.Optional;

/** What a profile is asked for: a text is needed, all else has defaults. */
public final class ProfileBuilder {

  private final Path model;
  private Optional<Path> calibration = Optional.empty();
  private SiteGrid grid = SiteGrid.RING;
  private int calibrationTokens = ProfileRequest.CALIBRATION_TOKENS;
  private int tokens = ProfileRequest.TOKENS;
  private long seed;
  private Architectures architectures = Architectures.standard();
  private Progress progress = Progress.NONE;

  ProfileBuilder(Path model) {
    this.model = model;
  }

  /** UTF-8 text to profile on; its last fifth is held out. */
  public ProfileBuilder calibration(Path text) {
    calibration = Optional.of(text);
    return this;
  }

  /** Sites of the lattice that matrices are cut on (default: 2x2). */
  public ProfileBuilder grid(SiteGrid sites) {
    grid = sites;
    return this;
  }

  /** Tokens of the text to collect statistics on at most. */
  public ProfileBuilder calibrationTokens(int count) {
    atLeast(2, "calibrationTokens", count);
    calibrationTokens = count;
    return this;
  }

  /** Held-out tokens to measure every divergence on at most. */
  public ProfileBuilder tokens(int count) {
    atLeast(2, "tokens", count);
    tokens = count;
    return this;
  }

  /** Of the labels drawn for the gradients (default: 0). */
  public ProfileBuilder seed(long number) {
    seed = number;
    return this;
  }

  /** Families that the model is looked for in (default: those of this library). */
  public ProfileBuilder architectures(Architectures families) {
    architectures = families;
    return this;
  }

  /** Is told how far the work has come (default: nobody is). */
  public ProfileBuilder progress(Progress listener) {
    progress = listener;
    return this;
  }

  /**
   * Profiles the model.
   *
   * @throws CheckpointException if an input is bad
   * @throws IllegalArgumentException if the text is missing
   */
  public Profile run() {
    Path text = Parameters.given(calibration, "calibration", "a UTF-8 text file");
    return Profile.of(
        new ProfileRequest(model, text, grid, calibrationTokens, tokens, seed),
        architectures,
        progress);
  }
}
