/** Fits of the matrices of a model. */
@NullMarked
package io.karipap.compress.fit;

import org.jspecify.annotations.NullMarked;
