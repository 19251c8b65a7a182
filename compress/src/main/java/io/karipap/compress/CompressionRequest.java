package io.karipap.compress;

import io.karipap.model.gauge.Symmetry;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What to compress, and to what.
 *
 * @param model folder in Hugging Face layout
 * @param output folder of the artifact; must not exist, unless it is an artifact or empty
 * @param calibration UTF-8 text that the layers' inputs are taken from
 * @param budget what the result may cost; in another unit than parameters, it is spent on
 *     rate-distortion curves of the matrices
 * @param form what matrices may become
 * @param grid sites for {@link FactorizationKind#PEPO} and {@link FactorizationKind#MPO}
 * @param recipe a plan.yaml to follow instead of making one
 * @param calibrationTokens tokens of the calibration text to use at most, spread evenly over it
 * @param fitIterations the most iterations of one fit
 * @param healTokens tokens of distillation after the fits, 0 for none; from the calibration text
 * @param seed of all randomness
 * @param resume go on with an interrupted run of the same request
 * @param gauge symmetries to choose the basis from, none for the original's basis; empty to decide
 *     by measured error
 * @param cells consecutive blocks whose matrices of one family may share tensors; 0 for all blocks
 *     with {@link FactorizationKind#CELL}, and for none with {@link FactorizationKind#AUTO}
 * @param flow share the parameters out by truncating the bonds of the whole model, instead of
 *     giving every matrix the same share
 * @param quantise how the numbers of matrices and networks are coded, after fits and healing; as
 *     float32 if empty; not with cells
 * @param command that a person typed to ask for this, for the report; changes nothing else
 */
public record CompressionRequest(
    Path model,
    Path output,
    Path calibration,
    Budget budget,
    FactorizationKind form,
    Optional<SiteGrid> grid,
    Optional<Path> recipe,
    int calibrationTokens,
    int fitIterations,
    long healTokens,
    long seed,
    boolean resume,
    Optional<Set<Symmetry>> gauge,
    int cells,
    Optional<BondFlowSettings> flow,
    Optional<QuantizationScheme> quantise,
    Optional<String> command) {

  /** Tokens of calibration text that are used unless said otherwise. */
  public static final int CALIBRATION_TOKENS = 1 << 16;

  private static final int LEAST_TRIAL = 20;

  /** Iterations that bring a fit to convergence. */
  public static final int FIT_ITERATIONS = 500;

  /**
   * A request in the original's basis that gives every matrix the same share, without cells, and
   * whose numbers stay float32.
   */
  public CompressionRequest(
      Path model,
      Path output,
      Path calibration,
      double parameters,
      FactorizationKind form,
      Optional<SiteGrid> grid,
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
        Budget.share(CostUnit.PARAMETERS, parameters),
        form,
        grid,
        recipe,
        calibrationTokens,
        fitIterations,
        healTokens,
        seed,
        resume,
        Optional.of(Set.of()),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same in a basis chosen from some symmetries, or by measured error if empty. */
  public CompressionRequest withGauge(Optional<Set<Symmetry>> symmetries) {
    return with(budget, symmetries, cells, flow, quantise);
  }

  /** The same with cells of so many blocks. */
  public CompressionRequest withCells(int blocks) {
    return with(budget, gauge, blocks, flow, quantise);
  }

  /** The same with bonds truncated over the whole model. */
  public CompressionRequest withFlow(BondFlowSettings settings) {
    return with(budget, gauge, cells, Optional.of(settings), quantise);
  }

  /** The same within another budget. */
  public CompressionRequest withBudget(Budget limit) {
    return with(limit, gauge, cells, flow, quantise);
  }

  /** The same with its numbers rounded after fits and healing. */
  public CompressionRequest withQuantise(QuantizationScheme scheme) {
    return with(budget, gauge, cells, flow, Optional.of(scheme));
  }

  /** The same asked for by a command that a person typed. */
  public CompressionRequest withCommand(String typed) {
    return new CompressionRequest(
        model,
        output,
        calibration,
        budget,
        form,
        grid,
        recipe,
        calibrationTokens,
        fitIterations,
        healTokens,
        seed,
        resume,
        gauge,
        cells,
        flow,
        quantise,
        Optional.of(typed));
  }

  private CompressionRequest with(
      Budget limit,
      Optional<Set<Symmetry>> symmetries,
      int blocks,
      Optional<BondFlowSettings> bonds,
      Optional<QuantizationScheme> numbers) {
    return new CompressionRequest(
        model,
        output,
        calibration,
        limit,
        form,
        grid,
        recipe,
        calibrationTokens,
        fitIterations,
        healTokens,
        seed,
        resume,
        symmetries,
        blocks,
        bonds,
        numbers,
        command);
  }

  /** How bonds are truncated, if forms and sizes are chosen over the whole model. */
  public Optional<BondFlowSettings> planning() {
    return budget.unit() == CostUnit.PARAMETERS
        ? flow
        : Optional.of(flow.orElse(BondFlowSettings.unbounded()));
  }

  /** True if the matrices are to be fitted in the original's basis. */
  public boolean keepsBasis() {
    return gauge.isPresent() && gauge.get().isEmpty();
  }

  /** Iterations of the short fits that bases are compared by. */
  public int trialIterations() {
    return Math.min(fitIterations, Math.max(LEAST_TRIAL, fitIterations / 5));
  }

  /** Checks the ranges. */
  public CompressionRequest {
    boolean planned = flow.isPresent() || budget.unit() != CostUnit.PARAMETERS;
    if (planned
        && (form != FactorizationKind.AUTO
            || grid.isPresent()
            || recipe.isPresent()
            || cells > 0)) {
      throw new IllegalArgumentException(
          "the flow and the planner choose forms and sizes themselves: leave out --form, --grid,"
              + " --cells and --recipe");
    }
    if (calibrationTokens < 2 || fitIterations < 0 || healTokens < 0) {
      throw new IllegalArgumentException(
          "calibration needs 2 tokens or more; iterations and healing tokens must not be negative");
    }
    if (quantise.isPresent() && (form == FactorizationKind.CELL || cells > 0)) {
      throw new IllegalArgumentException(
          "--quantise cannot round what blocks share: leave out --cells and --form cell");
    }
    if (cells < 0) {
      throw new IllegalArgumentException("--cells must not be negative, not " + cells);
    }
  }
}
