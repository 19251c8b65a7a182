/** Rounding of numbers to few levels, with feedback of its errors. */
@NullMarked
package io.karipap.network.quantize;

import org.jspecify.annotations.NullMarked;
