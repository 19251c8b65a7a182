/** How numbers of few bits are packed into bytes. */
@NullMarked
package io.karipap.checkpoint.codec;

import org.jspecify.annotations.NullMarked;
