/** The compressed artifact: its manifest, reader and writer. */
@NullMarked
package io.karipap.checkpoint.artifact;

import org.jspecify.annotations.NullMarked;
