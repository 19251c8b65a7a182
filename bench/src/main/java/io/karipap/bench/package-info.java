/**
 * Benchmarks: the speed of the program beside the speed of the machine, and the figures of the
 * docs.
 */
@NullMarked
package io.karipap.bench;

import org.jspecify.annotations.NullMarked;
