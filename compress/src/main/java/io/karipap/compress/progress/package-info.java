/** Progress of work in several threads, and its log. */
@NullMarked
package io.karipap.compress.progress;

import org.jspecify.annotations.NullMarked;
