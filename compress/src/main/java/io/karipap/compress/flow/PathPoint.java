package io.karipap.compress.flow;

import io.karipap.network.Factorization;

/**
 * One matrix at one point of the flow.
 *
 * @param factorization as it is there, its cores in float32
 * @param action what was done to the state before: {@code dense}, {@code rank 40}, {@code bond 2:
 *     25 -> 23}
 * @param squaredError of the matrix in its metric, relative
 * @param loss estimated rise of the KL divergence in nats per token
 */
public record PathPoint(
    Factorization factorization, String action, double squaredError, double loss) {

  long parameters() {
    return factorization.parameters();
  }

  /** Nats lost for every parameter saved on the way from another state. */
  double slopeFrom(PathPoint larger) {
    return (loss - larger.loss) / (larger.parameters() - parameters());
  }
}
