package io.karipap.compress;

import io.karipap.model.MatrixName;
import io.karipap.network.Factorization;

/** What a model costs in the currency of a budget. */
interface Price {

  /** All that is not its matrices: what no choice of theirs changes. */
  long fixed();

  /** A matrix in some form. */
  long of(MatrixName matrix, Factorization f);
}
