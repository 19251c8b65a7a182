package io.karipap.compress.plan;

import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.flow.PathPoint;
import java.util.Optional;

/**
 * A point of a matrix's rate-distortion curve.
 *
 * @param state form and size, its numbers not coded
 * @param numbers how they are to be coded; as float32 if empty
 * @param cost in the unit of the budget
 * @param loss estimated rise of the KL divergence in nats per token, rounding included
 */
public record Candidate(
    PathPoint state, Optional<QuantizationSpec> numbers, long cost, double loss) {

  /** Nats gained for every unit more that another costs. */
  double gainTo(Candidate larger) {
    return (loss - larger.loss) / (larger.cost - cost);
  }

  /** The same with losses multiplied by a factor. */
  Candidate scaled(double factor) {
    return new Candidate(state, numbers, cost, factor * loss);
  }
}
