/**
 * Tensor networks that stand for the matrix of a linear layer: what they are, how they are
 * contracted, fitted and gauged.
 */
@NullMarked
package io.karipap.network;

import org.jspecify.annotations.NullMarked;
