/** The stages of a compression. */
@NullMarked
package io.karipap.compress.pipeline;

import org.jspecify.annotations.NullMarked;
