/** How benchmarks are called. */
@NullMarked
package io.karipap.bench.console;

import org.jspecify.annotations.NullMarked;
