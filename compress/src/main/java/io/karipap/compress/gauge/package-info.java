/** The choice of a gauge. */
@NullMarked
package io.karipap.compress.gauge;

import org.jspecify.annotations.NullMarked;
