/**
 * The table of the published comparison: one model compressed by many methods, with the size,
 * predictions, task answers and speed of each.
 */
@NullMarked
package io.karipap.bench.paper;

import org.jspecify.annotations.NullMarked;
