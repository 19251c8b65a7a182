/** Fits of factorizations to a matrix in its activation metric. */
@NullMarked
package io.karipap.network.fit;

import org.jspecify.annotations.NullMarked;
