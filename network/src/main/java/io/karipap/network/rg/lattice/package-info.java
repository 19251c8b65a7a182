/** Classical lattice models with known partition functions. */
@NullMarked
package io.karipap.network.rg.lattice;

import org.jspecify.annotations.NullMarked;
