/** Joint fits of a unit cell that several matrices share. */
@NullMarked
package io.karipap.network.fit.cell;

import org.jspecify.annotations.NullMarked;
