/** How near the codes of numbers come to the limit. */
@NullMarked
package io.karipap.bench.codes;

import org.jspecify.annotations.NullMarked;
