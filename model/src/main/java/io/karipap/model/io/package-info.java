/** Models and factorizations from and to files. */
@NullMarked
package io.karipap.model.io;

import org.jspecify.annotations.NullMarked;
