package io.karipap.compress.cost;

import io.karipap.compress.CostUnit;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;

/** The cost of a model in the unit of a budget. */
public interface CostModel {

  /**
   * The costs of a model and of the matrices that replace its own. Time is measured on this
   * machine.
   */
  static CostModel of(CostUnit unit, Architecture architecture, Weights original) {
    boolean tied = architecture.config().tiedEmbeddings();
    long vectors = original.vectors().values().stream().mapToLong(Tensor::elements).sum();
    return switch (unit) {
      case PARAMETERS -> new CountedCost(unit, vectors, tied);
      case BYTES, READS -> new CountedCost(unit, 4 * vectors, tied);
      case OPERATIONS -> new CountedCost(unit, 0, tied);
      case TIME -> LatencyCost.measure(architecture, original);
    };
  }

  /** The cost of everything but the matrices. */
  long fixed();

  /** A matrix in some form. */
  long of(MatrixSpec matrix, Factorization f);
}
