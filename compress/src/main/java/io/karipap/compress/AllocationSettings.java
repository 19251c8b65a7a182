package io.karipap.compress;

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
 */
public record AllocationSettings(
    Budget budget,
    Optional<Path> recipe,
    Optional<BondFlowSettings> flow,
    Optional<QuantizationScheme> quantization) {

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
