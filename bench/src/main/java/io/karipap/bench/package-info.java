/** Benchmarks: what the machine could do, what the program does, and the ratio of the two. */
@NullMarked
package io.karipap.bench;

import org.jspecify.annotations.NullMarked;
