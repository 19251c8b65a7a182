package io.karipap.compress.flow;

import io.karipap.compress.fit.LowRankPairs;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.tensor.TensorOwner;

/**
 * A matrix to be truncated, and how much the model feels it.
 *
 * @param matrix in its metric in nats
 * @param lowRank the nearest matrices of all ranks, in float32
 * @param nats loss per token of a relative squared error of 1
 * @param networks whether it may become a tensor network; tables stay a pair of matrices
 */
public record SensitiveMatrix(
    WeightedMatrix matrix, LowRankPairs lowRank, double nats, boolean networks) {

  /** A matrix as its metric estimates it. Decomposes it. */
  public static SensitiveMatrix of(WeightedMatrix matrix) {
    return new SensitiveMatrix(matrix, matrix.lowRank(), matrix.energy(), matrix.rows().isEmpty());
  }

  /** The same with its pairs held by an owner. */
  SensitiveMatrix heldBy(TensorOwner owner) {
    return new SensitiveMatrix(matrix, lowRank.map(owner::own), nats, networks);
  }

  /** The same with losses multiplied by a factor. */
  SensitiveMatrix scaled(double factor) {
    return new SensitiveMatrix(matrix, lowRank, factor * nats, networks);
  }

  /** The same, a tensor network only if that is wanted. */
  SensitiveMatrix withNetworks(boolean wanted) {
    return new SensitiveMatrix(matrix, lowRank, nats, networks && wanted);
  }

  public String name() {
    return matrix.name();
  }

  public long elements() {
    return matrix.elements();
  }

  /** Nats per token that a relative squared error loses. */
  public double loss(double squaredError) {
    return nats * squaredError;
  }

  /** The highest rank whose pair has at most a number of parameters. */
  int rankWithin(long parameters) {
    return (int) Math.min(parameters / lowRank.parameters(1), lowRank.ranks());
  }
}
