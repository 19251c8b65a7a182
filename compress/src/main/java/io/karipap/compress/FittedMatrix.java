package io.karipap.compress;

import io.karipap.checkpoint.MatrixEntry;
import io.karipap.network.Factorization;

/**
 * A matrix of the compressed model.
 *
 * @param factorization with cores rounded to the type that is written
 * @param entry the manifest's line about it
 */
record FittedMatrix(Factorization factorization, MatrixEntry entry) {}
