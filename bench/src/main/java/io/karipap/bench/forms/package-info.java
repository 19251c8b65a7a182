/** Errors of forms at equal parameters. */
@NullMarked
package io.karipap.bench.forms;

import org.jspecify.annotations.NullMarked;
