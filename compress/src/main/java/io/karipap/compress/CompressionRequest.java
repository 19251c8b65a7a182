package io.karipap.compress;

import io.karipap.network.quantise.Scheme;
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
 * @param quantise how the numbers of matrices and networks are coded, after fits and healing; as
 *     float32 if empty
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
    Optional<Scheme> quantise) {

  /** Tokens of calibration text that are used unless said otherwise. */
  public static final int CALIBRATION_TOKENS = 1 << 16;

  /** Iterations that bring a fit to convergence. */
  public static final int FIT_ITERATIONS = 500;

  /** A request whose numbers stay float32. */
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

  /** Checks the ranges. */
  public CompressionRequest {
    if (!(parameters > 0 && parameters <= 1)) {
      throw new IllegalArgumentException(
          "--parameters must be above 0 and at most 1, not " + parameters);
    }
    if (calibrationTokens < 2 || fitIterations < 0 || healTokens < 0) {
      throw new IllegalArgumentException(
          "calibration needs 2 tokens or more; iterations and healing tokens must not be negative");
    }
  }
}
