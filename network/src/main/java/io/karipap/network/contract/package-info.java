/** Contraction of networks: orders and pairwise steps. */
@NullMarked
package io.karipap.network.contract;

import org.jspecify.annotations.NullMarked;
