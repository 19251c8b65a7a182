package io.karipap.compress.cost;

import io.karipap.model.arch.MatrixSpec;
import io.karipap.network.Factorization;

/** What a model costs in the currency of a budget. */
public interface CostModel {

  /** All that is not its matrices: what no choice of theirs changes. */
  long fixed();

  /** A matrix in some form. */
  long of(MatrixSpec matrix, Factorization f);
}
