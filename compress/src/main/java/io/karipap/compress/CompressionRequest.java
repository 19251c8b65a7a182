package io.karipap.compress;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to compress, and to what.
 *
 * @param model folder in Hugging Face layout
 * @param output folder of the artifact; must not exist, unless it is an artifact or empty
 * @param calibration UTF-8 text that the layers' inputs are taken from
 * @param parameters share of the original's parameters to keep, above 0 and at most 1
 * @param form what matrices may become
 * @param grid sites for {@link Form#PEPO} and {@link Form#MPO}
 * @param recipe a plan.yaml to follow instead of making one
 * @param calibrationTokens tokens of the calibration text to use at most, spread evenly over it
 * @param fitIterations the most iterations of one fit
 * @param healTokens tokens of distillation after the fits, 0 for none; from the calibration text
 * @param seed of all randomness
 * @param resume go on with an interrupted run of the same request
 * @param flow share the parameters out by truncating the bonds of the whole model, instead of
 *     giving every matrix the same share
 */
public record CompressionRequest(
    Path model,
    Path output,
    Path calibration,
    double parameters,
    Form form,
    Optional<Grid> grid,
    Optional<Path> recipe,
    int calibrationTokens,
    int fitIterations,
    long healTokens,
    long seed,
    boolean resume,
    Optional<FlowSettings> flow) {

  /** Tokens of calibration text that are used unless said otherwise. */
  public static final int CALIBRATION_TOKENS = 1 << 16;

  /** Iterations that bring a fit to convergence. */
  public static final int FIT_ITERATIONS = 500;

  /** A request that gives every matrix the same share. */
  public CompressionRequest(
      Path model,
      Path output,
      Path calibration,
      double parameters,
      Form form,
      Optional<Grid> grid,
      Optional<Path> recipe,
      int calibrationTokens,
      int fitIterations,
      long healTokens,
      long seed,
      boolean resume) {
    this(
        model,
        output,
        calibration,
        parameters,
        form,
        grid,
        recipe,
        calibrationTokens,
        fitIterations,
        healTokens,
        seed,
        resume,
        Optional.empty());
  }

  /** The same request with bonds truncated over the whole model. */
  public CompressionRequest withFlow(FlowSettings settings) {
    return new CompressionRequest(
        model,
        output,
        calibration,
        parameters,
        form,
        grid,
        recipe,
        calibrationTokens,
        fitIterations,
        healTokens,
        seed,
        resume,
        Optional.of(settings));
  }

  /** Checks the ranges. */
  public CompressionRequest {
    if (!(parameters > 0 && parameters <= 1)) {
      throw new IllegalArgumentException(
          "--parameters must be above 0 and at most 1, not " + parameters);
    }
    if (flow.isPresent() && (form != Form.AUTO || grid.isPresent() || recipe.isPresent())) {
      throw new IllegalArgumentException(
          "the flow chooses forms and sizes itself: leave out --form, --grid and --recipe");
    }
    if (calibrationTokens < 2 || fitIterations < 0 || healTokens < 0) {
      throw new IllegalArgumentException(
          "calibration needs 2 tokens or more; iterations and healing tokens must not be negative");
    }
  }
}
