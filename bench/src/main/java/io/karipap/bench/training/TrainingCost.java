package io.karipap.bench.training;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Weights;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.contract.PepoContraction;

/**
 * Floating-point operations of training a model in its own form: matrix products only.
 *
 * @param perToken 6 for every multiplication of a matrix as it is applied (2 forward, 4 backward),
 *     and 6 s d for causal attention over s positions, per block
 * @param perStep contraction of networks that are applied as matrices, forward and backward
 */
record TrainingCost(double perToken, double perStep) {

  static TrainingCost of(Architecture architecture, Weights weights, int context) {
    double perToken = 3 * attention(architecture, context);
    double perStep = 0;
    for (var entry : weights.matrices().entrySet()) {
      Factorization f = entry.getValue();
      boolean contracted = f.multiplications() >= f.elements();
      if (!isLookedUp(architecture, entry.getKey())) {
        perToken += 6.0 * (contracted ? f.elements() : f.multiplications());
      }
      switch (f) {
        case LowRank pair when entry.getKey().equals(architecture.embeddings().name()) ->
            perToken += 6.0 * pair.right().elements();
        case Pepo pepo ->
            perStep += 6 * PepoContraction.ofMatrix(pepo.lattice()).order().multiplications();
        case Dense _, LowRank _, BlockTensorTrain _, UnitCell _, Quantized _, Sum _, Sparse _ -> {}
      }
    }
    return new TrainingCost(perToken, perStep);
  }

  /** Operations per token of the forward pass of the original. */
  static double forward(Architecture architecture, int context) {
    double multiplied =
        architecture.matrices().stream()
            .filter(matrix -> !isLookedUp(architecture, matrix.name()))
            .mapToLong(MatrixSpec::elements)
            .sum();
    return 2 * multiplied + attention(architecture, context);
  }

  /** An untied table is not multiplied; a tied one is, once, as the head. */
  private static boolean isLookedUp(Architecture architecture, String name) {
    return name.equals(architecture.embeddings().name()) && !architecture.config().tiedEmbeddings();
  }

  private static double attention(Architecture architecture, int context) {
    int queries = architecture.only(Role.QUERY, 0).rows();
    return 2.0 * architecture.config().layers() * context * queries;
  }

  /** With operations per token added. */
  TrainingCost plus(double operationsPerToken) {
    return new TrainingCost(perToken + operationsPerToken, perStep);
  }

  /** Operations of a step. */
  double of(int tokens) {
    return tokens * perToken + perStep;
  }
}
