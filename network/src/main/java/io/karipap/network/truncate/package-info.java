/** Truncation of the bonds of a network in the environment that the rest of it makes. */
@NullMarked
package io.karipap.network.truncate;

import org.jspecify.annotations.NullMarked;
