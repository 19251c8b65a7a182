/** Fits that solve for one site tensor after the other, and rounding in the same way. */
@NullMarked
package io.karipap.network.fit.site;

import org.jspecify.annotations.NullMarked;
