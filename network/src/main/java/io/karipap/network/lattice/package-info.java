/** Bonds of a lattice: gauges and operator Schmidt spectra. */
@NullMarked
package io.karipap.network.lattice;

import org.jspecify.annotations.NullMarked;
