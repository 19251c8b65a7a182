/** Numbers of few bits to and from bytes, and stored matrices to arrays, without libtorch. */
@NullMarked
package io.karipap.checkpoint.codec;

import org.jspecify.annotations.NullMarked;
