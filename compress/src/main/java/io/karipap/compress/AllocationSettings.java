package io.karipap.compress;

import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How small a model is to become, and how that is shared out.
 *
 * @param budget of the whole model; in another unit than parameters, it is spent on rate-distortion
 *     curves of the matrices
 * @param recipe a plan.yaml to follow instead of making one
 * @param flow share the parameters out by truncating the bonds of the whole model, instead of
 *     giving every matrix the same share
 * @param quantization of all numbers, after fits and healing; without one they stay float32, or
 *     take the formats of the plan
 * @param coding all numbers by an entropy coder, instead of a quantization
 */
public record AllocationSettings(
    Budget budget,
    Optional<Path> recipe,
    Optional<BondFlowSettings> flow,
    Optional<QuantizationScheme> quantization,
    Optional<EntropyCoding> coding) {

  /**
   * Checks that the parts go together.
   *
   * @throws IllegalArgumentException if numbers are to be coded in two ways, or to another budget
   *     than one of bytes
   */
  public AllocationSettings {
    if (coding.isPresent() && quantization.isPresent()) {
      throw new IllegalArgumentException("numbers are stored in one format: give one");
    }
    if (coding.isPresent() && (budget.unit() != CostUnit.BYTES || recipe.isPresent())) {
      throw new IllegalArgumentException(
          "numbers behind an entropy coder take what bytes there are: give `memory` or `bytes`");
    }
  }

  /** Without an entropy coder. */
  public AllocationSettings(
      Budget budget,
      Optional<Path> recipe,
      Optional<BondFlowSettings> flow,
      Optional<QuantizationScheme> quantization) {
    this(budget, recipe, flow, quantization, Optional.empty());
  }

  /** The same share of every matrix, the numbers in float32. */
  public static AllocationSettings uniform(double parameters) {
    return new AllocationSettings(
        Budget.share(CostUnit.PARAMETERS, parameters),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** How bonds are truncated, if forms and sizes are chosen over the whole model. */
  public Optional<BondFlowSettings> planning() {
    return budget.unit() == CostUnit.PARAMETERS
        ? flow
        : Optional.of(flow.orElse(BondFlowSettings.unbounded()));
  }
}
