/**
 * Renormalization of two-dimensional networks: infinite square lattices by TRG, BTRG, HOTRG and
 * CTMRG, finite ones exactly or by boundary matrix product states, and the models of statistical
 * mechanics that prove them.
 *
 * <p>A site tensor is T[l,u,r,d], the legs left, up, right, down, float64. Everything is computed
 * inside the caller's {@link io.karipap.tensor.TensorScope}.
 */
@NullMarked
package io.karipap.network.rg;

import org.jspecify.annotations.NullMarked;
