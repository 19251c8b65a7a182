/** Rounds the numbers of matrices and networks to few bits, or to zero, at the least loss. */
@NullMarked
package io.karipap.network.quantise;

import org.jspecify.annotations.NullMarked;
