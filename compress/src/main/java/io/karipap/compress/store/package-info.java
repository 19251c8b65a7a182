/** What a run keeps on disk. */
@NullMarked
package io.karipap.compress.store;

import org.jspecify.annotations.NullMarked;
