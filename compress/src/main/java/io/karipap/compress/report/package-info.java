/** Reports of compressions and profiles. */
@NullMarked
package io.karipap.compress.report;

import org.jspecify.annotations.NullMarked;
