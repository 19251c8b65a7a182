/** The computation of a transformer, and the matrices that it is made of. */
@NullMarked
package io.karipap.model.arch;

import org.jspecify.annotations.NullMarked;
