package io.karipap.compress.store;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.network.Factorization;

/**
 * A matrix of the compressed model.
 *
 * @param factorization with cores rounded to the type that is written
 * @param entry the manifest's line about it
 */
public record FittedMatrix(Factorization factorization, MatrixEntry entry) {}
